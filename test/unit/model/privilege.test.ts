import { expect, test } from "vitest";
import { covers, privilegeOf, samePrivilege } from "../../../shared/model/holding.ts";
import { aHolding, oneUnit, wholeDirectory } from "../../fixtures/principal-builders.ts";

const otherUnit = { ...oneUnit, directoryScopeId: "/administrativeUnits/ffff" };
const otherRole = { ...wholeDirectory, roleDefinitionId: "62e90394-69f5-4237-9190-012177145e10" };
const inApp = { ...wholeDirectory, appScopeId: "/AccessPackageCatalog/1" };

test.each([
  { name: "itself", wide: oneUnit, narrow: oneUnit, covered: true },
  { name: "a unit by the whole directory", wide: wholeDirectory, narrow: oneUnit, covered: true },
  { name: "the whole directory by a unit", wide: oneUnit, narrow: wholeDirectory, covered: false },
  { name: "a unit by another unit", wide: otherUnit, narrow: oneUnit, covered: false },
  { name: "a role by another role", wide: otherRole, narrow: wholeDirectory, covered: false },
  { name: "an app scope by none", wide: wholeDirectory, narrow: inApp, covered: false },
])("covers $name: $covered", ({ wide, narrow, covered }) => {
  expect(covers(wide, narrow)).toBe(covered);
});

test("is the same only in role, directory scope and app scope at once", () => {
  expect(samePrivilege(oneUnit, { ...oneUnit })).toBe(true);
  for (const other of [wholeDirectory, otherRole, inApp]) expect(samePrivilege(oneUnit, other)).toBe(false);
});

test("is taken out of whatever holds it", () => {
  expect(privilegeOf(aHolding())).toEqual(wholeDirectory);
});
