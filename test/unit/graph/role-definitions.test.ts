import { describe, expect, it } from "vitest";
import { failureOf, gateway, graphFailure, json, USER_ADMIN } from "./harness.ts";

const CUSTOM = "11111111-2222-4333-8444-555555555555";
const answer = (displayName: string) =>
  json({
    value: [
      { id: CUSTOM, templateId: USER_ADMIN.toUpperCase(), displayName },
      { id: USER_ADMIN, templateId: null, displayName },
    ],
  });

describe("roleNames", () => {
  it("knows a role by its id and by its template id", async () => {
    const { graph } = gateway(answer("User Administrator"));
    const names = await graph.roleNames();
    expect([...names]).toEqual([
      [CUSTOM, "User Administrator"],
      [USER_ADMIN, "User Administrator"],
    ]);
  });

  it("reads at most once an hour", async () => {
    const { graph, sent, clock } = gateway(answer("old"), answer("new"));
    await graph.roleNames();
    clock.pass(3_599_999);
    expect((await graph.roleNames()).get(CUSTOM)).toBe("old");
    clock.pass(1);
    expect((await graph.roleNames()).get(CUSTOM)).toBe("new");
    expect(sent).toHaveLength(2);
  });

  it("does not remember a failure", async () => {
    const { graph } = gateway(graphFailure(403, "Authorization_RequestDenied"), answer("User Administrator"));
    await failureOf(graph.roleNames());
    expect((await graph.roleNames()).size).toBe(2);
  });
});
