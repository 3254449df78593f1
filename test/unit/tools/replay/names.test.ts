import { expect, test } from "vitest";
import { createNames } from "../../../../tools/replay/names.ts";
import {
  ADMINS,
  directoryGroupRow,
  directoryRoleRow,
  JANE,
  pimRoleRow,
  target,
  USER_ADMIN,
} from "../../../fixtures/audit/audit-rows.ts";
import { recordOf } from "../../../fixtures/audit/history-of.ts";

function learnt(...rows: readonly Readonly<Record<string, unknown>>[]) {
  const names = createNames();
  for (const row of rows) names.learn(recordOf(row), row);
  return names;
}

const jane = (userPrincipalName: string | null) => ({ ...target("User", JANE.toUpperCase()), userPrincipalName });

test("a person's user principal name counts more than the display name", () => {
  const named = directoryRoleRow({ targetResources: [jane("jane@contoso.example")] });
  const unnamed = directoryRoleRow({ targetResources: [jane(null)] });
  expect(learnt(unnamed).of(JANE)).toBe("Jane Doe");
  expect(learnt(unnamed, named).of(JANE)).toBe("jane@contoso.example");
  expect(learnt(named, unnamed).of(JANE)).toBe("jane@contoso.example");
});

test("a role's name from Core Directory's property or PIM's target", () => {
  expect(learnt(directoryRoleRow()).of(USER_ADMIN)).toBe("User Administrator");
  const targets = pimRoleRow().targetResources.map((one) =>
    one.type === "Role" ? { ...one, displayName: "User Admin" } : one,
  );
  expect(learnt(pimRoleRow({ targetResources: targets })).of(USER_ADMIN)).toBe("User Admin");
});

test("a group's name from its target", () => {
  const group = { ...target("Group", ADMINS), displayName: "Server operators" };
  expect(learnt(directoryGroupRow({ targetResources: [group, jane(null)] })).of(ADMINS)).toBe("Server operators");
});

test("what the export does not name keeps its id", () => {
  expect(learnt(directoryRoleRow({ targetResources: [] })).of(JANE)).toBe(JANE);
});

test("people of other tenants are named by their user principal name", () => {
  const guest = directoryRoleRow({ targetResources: [jane("jane_fabrikam.example#ext#@contoso.example")] });
  expect(learnt(guest).isExternal(JANE)).toBe(true);
  expect(learnt(directoryRoleRow({ targetResources: [jane("jane@contoso.example")] })).isExternal(JANE)).toBe(false);
});
