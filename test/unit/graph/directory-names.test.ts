import { expect, it } from "vitest";
import { batch, gateway, HELPDESK_GROUP, JANE } from "./harness.ts";

const missing = { status: 404, body: { error: { code: "Request_ResourceNotFound" } } };
const nobody = "a9a9a9a9-0009-4abc-8def-0123456789ab";

it("gives the directory's names of users; an unknown user is left out", async () => {
  const { graph, sent } = gateway(batch({ body: { displayName: "Jane" } }, missing));
  expect(await graph.readDirectoryNames("user", [JANE, nobody])).toEqual(new Map([[JANE, "Jane"]]));
  expect(JSON.stringify(sent[0]?.body)).toContain(`/users/${JANE}?$select=displayName`);
  expect(JSON.stringify(sent[0]?.body)).toContain('"x-ms-throttle-priority":"low"');
});

it("gives the directory's names of groups; one without a name has none", async () => {
  const { graph } = gateway(batch({ body: { displayName: "Helpdesk" } }, { body: { displayName: null } }));
  expect(await graph.readDirectoryNames("group", [HELPDESK_GROUP, nobody])).toEqual(
    new Map([[HELPDESK_GROUP, "Helpdesk"]]),
  );
});

it("asks nobody for nobody", async () => {
  const { graph, sent } = gateway();
  expect(await graph.readDirectoryNames("user", [])).toEqual(new Map());
  expect(sent).toEqual([]);
});
