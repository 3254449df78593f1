import { describe, expect, it } from "vitest";
import { GraphRetryableError } from "../../../shared/graph/errors.ts";
import { failureOf, gateway, JANE, json, userBody } from "./harness.ts";

const ok = (id: string, body: unknown = { value: [] }) => ({ id, status: 200, body });
const answers = (...responses: unknown[]) => json({ responses });

describe("readBatch", () => {
  it.each([
    ["an item is not answered", answers(ok("1"), ok("3"))],
    ["an item is answered twice", answers(ok("1"), ok("2"), ok("2"), ok("3"))],
    ["there are no answers", json({})],
    ["an answer has no status", answers({ id: "1", body: {} }, ok("2"), ok("3"))],
  ])("concludes nothing when %s", async (_, answer) => {
    const { graph, sent } = gateway(answer);
    const error = await failureOf(graph.readPrincipal(JANE));
    expect(error.code).toBe("unexpectedAnswer");
    expect(sent).toHaveLength(1);
  });

  it.each([
    ["a string", { body: "eyJ2YWx1ZSI6W3siaWQiOiIx" }],
    ["nothing", {}],
    ["null", { body: null }],
  ])("is tried again when an item has %s where its JSON should be", async (_, cut) => {
    const broken = () => answers(ok("1"), { id: "2", status: 200, ...cut }, ok("3", userBody()));
    const { graph, sent } = gateway(broken(), answers(ok("1"), ok("2"), ok("3", userBody())));
    expect((await graph.readPrincipal(JANE)).value.directory).toEqual([]);
    expect(sent).toHaveLength(2);

    const error = await failureOf(gateway(broken(), broken(), broken()).graph.readPrincipal(JANE));
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error).toMatchObject({ reason: "unavailable", code: "truncatedBody", status: 200 });
  });

  it("reads the headers of items in any casing, and numbers as well", async () => {
    const { graph } = gateway(
      answers({ id: "1", status: 429, headers: { "RETRY-AFTER": 7 } }, ok("2"), ok("3", userBody())),
    );
    expect(await failureOf(graph.readPrincipal(JANE))).toMatchObject({ retryAfter: 7_000 });
  });

  it("learns from each item how much of the quota is used", async () => {
    const headers = { "x-ms-throttle-limit-percentage": "1.2" };
    const { graph, clock } = gateway(
      answers({ ...ok("1"), headers }, ok("2"), ok("3", userBody())),
      json({ value: [] }),
    );
    await graph.readPrincipal(JANE);
    await graph.listRoleInstances();
    expect(clock.sleeps).toEqual([100]);
  });

  it("takes an item with neither headers nor body for the failure that its status says", async () => {
    const { graph } = gateway(answers({ id: "1", status: 403, headers: null }, ok("2"), ok("3")));
    const error = await failureOf(graph.readPrincipal(JANE));
    expect(error).toMatchObject({ status: 403, code: "http403", requestId: undefined });
  });

  it("reports throttling rather than trouble without a wait", async () => {
    const { graph } = gateway(
      answers({ id: "1", status: 503 }, { id: "2", status: 429, headers: { "Retry-After": "9" } }, ok("3")),
    );
    expect(await failureOf(graph.readPrincipal(JANE))).toMatchObject({ reason: "throttled", retryAfter: 9_000 });
  });
});
