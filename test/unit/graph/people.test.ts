import { describe, expect, it } from "vitest";
import { batch, gateway, HELPDESK_GROUP, JANE } from "./harness.ts";

const missing = { status: 404, body: { error: { code: "Request_ResourceNotFound" } } };

describe("readDisplayNames", () => {
  it("reads the names of a user and a group in one batch", async () => {
    const { graph, sent } = gateway(batch({ body: { displayName: "Jane" } }, { body: { displayName: "Helpdesk" } }));
    const { value } = await graph.readDisplayNames({ userId: JANE, groupId: HELPDESK_GROUP });
    expect(value).toEqual({ user: "Jane", group: "Helpdesk" });
    expect(JSON.stringify(sent[0]?.body)).toContain(`/users/${JANE}?$select=displayName`);
  });

  it("has none for whom Graph does not know", async () => {
    const { graph } = gateway(batch(missing));
    expect((await graph.readDisplayNames({ userId: JANE, groupId: null })).value).toEqual({ user: null, group: null });
  });
});

describe("readRecipients", () => {
  const jane = { body: { displayName: "Jane", mail: "jane@a.example", otherMails: ["b@a.example", "c@a.example"] } };
  const boss = { body: { displayName: "Boss", mail: "boss@a.example" } };

  it.each([
    ["the mail", "mail" as const, batch(jane), ["jane@a.example"]],
    ["the other mails", "otherMails" as const, batch(jane), ["b@a.example", "c@a.example"]],
    ["the manager's mail", "manager" as const, batch(jane, boss), ["boss@a.example"]],
    ["nothing without a manager", "manager" as const, batch(jane, missing), []],
    ["nothing without a mail", "mail" as const, batch({ body: { displayName: "Jane", mail: null } }), []],
  ])("finds %s", async (_, kind, answer, addresses) => {
    const { graph } = gateway(answer);
    expect((await graph.readRecipients(JANE, kind)).value).toEqual({ name: "Jane", addresses });
  });

  it("finds nobody where there is nobody", async () => {
    const { graph } = gateway(batch(missing));
    expect((await graph.readRecipients(JANE, "mail")).value).toEqual({ name: null, addresses: [] });
  });
});
