import { expect, test } from "vitest";
import { codeOf, rowsOf, tenantForTest, userAdministrator } from "../fixture.ts";

const list = "/roleManagement/directory/roleAssignments";

test("lists by principal, by role, and by both", async () => {
  const { activated, graph } = await tenantForTest();
  const { userId, id } = await activated();
  const row = { id, principalId: userId, roleDefinitionId: userAdministrator, directoryScopeId: "/" };
  const byBoth = `principalId eq '${userId}' and roleDefinitionId eq '${userAdministrator}'`;
  for (const filter of [`principalId eq '${userId}'`, `roleDefinitionId eq '${userAdministrator}'`, byBoth]) {
    expect(rowsOf(await graph(`${list}?$filter=${encodeURIComponent(filter)}`))).toEqual([row]);
  }
});

test("refuses to list without a filter", async () => {
  const { graph } = await tenantForTest();
  const answer = await graph(list);
  expect([answer.status, codeOf(answer)]).toEqual([400, "BadRequest"]);
});
