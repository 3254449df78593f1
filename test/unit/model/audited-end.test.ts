import { expect, it } from "vitest";
import { auditedEnds } from "../../../shared/model/pending-revocation.ts";
import { jane, userAdministrator } from "../../fixtures/fake-world.ts";
import { aRevocation } from "../../fixtures/principal-builders.ts";

const groupId = "9d0c1b2a-0000-4000-8000-000000000009";
const ofUser = { principalId: jane, privilegeId: userAdministrator };
const ofGroup = { principalId: groupId, privilegeId: userAdministrator };
const fromGroup = { principalId: jane, privilegeId: groupId };

it.each([
  ["the user's own role", undefined, [ofUser]],
  ["the group's role", "role" as const, [ofGroup]],
  ["the membership", "access" as const, [fromGroup]],
  ["a path of which either may have ended", "either" as const, [ofGroup, fromGroup]],
])("%s is where the audit log has it", (_, ended, expected) => {
  const revocation = aRevocation(ended === undefined ? {} : { through: { groupId, ended } });
  expect(auditedEnds(revocation, jane)).toEqual(expected);
});
