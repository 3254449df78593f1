import { expect, test } from "vitest";
import { codeOf, rowsOf, tenantForTest, userAdministrator } from "../fixture.ts";

const list = "/roleManagement/directory/roleDefinitions";

test("knows built-in roles by template id, and custom ones", async () => {
  const { control, graph } = await tenantForTest();
  const custom = await control.createRole({ name: "Printer Wizard" });
  const names = rowsOf(await graph(`${list}?$select=displayName,isBuiltIn`));
  expect(names).toContainEqual({ displayName: "User Administrator", isBuiltIn: true });
  expect(names).toContainEqual({ displayName: "Printer Wizard", isBuiltIn: false });
  expect((await graph(`${list}/${userAdministrator}`)).body).toMatchObject({ displayName: "User Administrator" });
  expect((await graph(`${list}/${custom.id}`)).body).toMatchObject({ displayName: "Printer Wizard" });
});

test("an unknown role is not found", async () => {
  const { graph } = await tenantForTest();
  const answer = await graph(`${list}/00000000-0000-4000-8000-000000000000`);
  expect([answer.status, codeOf(answer)]).toEqual([404, "Request_ResourceNotFound"]);
});
