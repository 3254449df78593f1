import fc from "fast-check";
import { expect, test } from "vitest";
import { classifyAudit } from "../../../shared/audit-log/classify.ts";
import { parseAuditStream } from "../../../shared/audit-log/parse.ts";
import { reduceEnds } from "../../../shared/audit-log/reduce-ends.ts";
import { auditActivities } from "../../../shared/base/audit-activities.ts";
import {
  ADMINS,
  BOSS,
  directoryGroupRow,
  directoryRoleRow,
  JANE,
  pimGroupRow,
  pimRoleRow,
  streamed,
  USER_ADMIN,
} from "../../fixtures/audit/audit-rows.ts";

/** What an end of a role or group must say, written down apart from the code that judges. */
const endNames = {
  PIM: new Set([
    "Remove member from role (PIM activation expired)",
    "Remove member from role completed (PIM deactivate)",
    "Remove member from role in PIM completed (permanent)",
    "Remove member from role in PIM completed (timebound)",
    "Remove permanent direct role assignment",
  ]),
  "Core Directory": new Set([
    "Remove member from role",
    "Remove scoped member from role",
    "Remove role assignment from role definition",
    "Remove member from role scoped over Restricted Management Administrative Unit",
    "Remove member from group",
    "Remove owner from group",
  ]),
};

const objectId = fc.constantFrom(JANE, BOSS, ADMINS, JANE.toUpperCase(), "70016", "", null);
const wrapped = fc.constantFrom(`"${USER_ADMIN}"`, USER_ADMIN, `"${BOSS}"`, '""', "[Filtered]", null, 7);
const property = fc.record(
  {
    displayName: fc.constantFrom("Role.TemplateId", "TemplateId", "Role.ObjectID", "RoleDefinitionOriginId"),
    oldValue: wrapped,
    newValue: wrapped,
  },
  { requiredKeys: [] },
);
const type = fc.constantFrom(
  "User",
  "User",
  "user",
  "Group",
  "ServicePrincipal",
  "Role",
  "Role",
  "Request",
  "Other",
  "",
);
interface Target {
  readonly id?: string | null;
  readonly type?: string;
  readonly Type?: string;
}
interface Audit {
  readonly activityDisplayName: string;
  readonly result: string | null;
  readonly loggedByService: string | null;
  readonly category: string | null;
  readonly targetResources: readonly Target[];
  readonly additionalDetails: unknown;
}

const target: fc.Arbitrary<Target> = fc.oneof(
  fc.record({ id: objectId, type, modifiedProperties: fc.array(property, { maxLength: 2 }) }),
  fc.record({ id: objectId, Type: type }),
);
const fields = {
  activityDisplayName: fc.oneof(
    fc.constantFrom(...endNames.PIM, ...endNames["Core Directory"]),
    fc.constantFrom(...Object.keys(auditActivities)),
    fc.string({ minLength: 1 }),
  ),
  activityDateTime: fc.constantFrom("2026-03-01T10:00:00.9455924Z", "2026-03-01 10:00:00", "2026-03-01T11:00:00+01:00"),
  result: fc.constantFrom("success", "Success", "failure", null),
  loggedByService: fc.constantFrom("PIM", "Core Directory", "Access Reviews", null),
  category: fc.constantFrom("RoleManagement", "GroupManagement", "ResourceManagement", null),
  initiatedBy: fc.oneof(fc.record({ user: fc.record({ id: objectId }) }), fc.constant(null)),
  targetResources: fc.array(target, { maxLength: 4 }),
  additionalDetails: fc.array(
    fc.record({ key: fc.constantFrom("TemplateId", "RoleAssignmentRequestId", "wids"), value: wrapped }),
    { maxLength: 2 },
  ),
};
/** A real end of which up to three fields are something else. */
const row: fc.Arbitrary<Audit> = fc
  .tuple(
    fc.constantFrom<Audit>(directoryRoleRow(), pimRoleRow(), directoryGroupRow(), pimGroupRow()),
    fc.record(fields),
    fc.subarray(Object.keys(fields), { maxLength: 3 }),
  )
  .map(([end, other, chosen]) => ({
    ...end,
    ...Object.fromEntries(Object.entries(other).filter(([name]) => chosen.includes(name))),
  }));

const verdicts = (audit: Audit) => {
  const { records, problems } = parseAuditStream([{ records: [streamed({ ...audit })] }]);
  expect(problems).toEqual([]);
  return records.map(classifyAudit);
};

test("finds no end in anything that does not say so in every way", () => {
  const seen = { roleEnd: 0, groupEnd: 0 };
  const judged = fc.property(row, (audit) => {
    const [verdict] = verdicts(audit);
    if (verdict?.kind !== "roleEnd" && verdict?.kind !== "groupEnd") return;
    seen[verdict.kind] += 1;
    const { activityDisplayName, loggedByService, category, result, targetResources } = audit;
    expect(String(result).toLowerCase()).toBe("success");
    expect(category).toBe(verdict.kind === "roleEnd" ? "RoleManagement" : "GroupManagement");
    expect(loggedByService === "PIM" || loggedByService === "Core Directory").toBe(true);
    const names = loggedByService === "PIM" ? endNames.PIM : endNames["Core Directory"];
    expect(names.has(activityDisplayName)).toBe(true);
    const holding = verdict.kind === "roleEnd" ? /^(user|group|serviceprincipal)$/i : /^(user|serviceprincipal)$/i;
    const holders = targetResources.filter(({ type, Type }) => holding.test(type ?? Type ?? ""));
    const known = holders.map(({ id }) => id?.toLowerCase()).filter((id) => id && [JANE, BOSS, ADMINS].includes(id));
    expect(new Set(known)).toEqual(new Set([verdict.principalId]));
    const text = JSON.stringify([targetResources, audit.additionalDetails]).toLowerCase();
    expect(text).toContain(verdict.kind === "roleEnd" ? verdict.roleDefinitionId : verdict.groupId);
  });
  fc.assert(judged, { numRuns: 20_000, seed: 6 });
  // A test that never sees an end proves nothing.
  expect(Math.min(seen.roleEnd, seen.groupEnd)).toBeGreaterThan(500);
});

test("gives the same verdict for every initiator and every order of the targets", () => {
  const judged = fc.property(row, objectId, (audit, id) => {
    const { targetResources } = audit;
    const other = { ...audit, initiatedBy: { user: { id } }, targetResources: targetResources.toReversed() };
    const [one, two] = [verdicts(audit), verdicts(other)].map(([verdict]) => verdict);
    const ends = ["roleEnd", "groupEnd"];
    if (ends.includes(one?.kind ?? "") || ends.includes(two?.kind ?? "")) expect(two).toEqual(one);
    expect(two?.kind).toBe(one?.kind);
  });
  fc.assert(judged, { numRuns: 5_000, seed: 6 });
});

test("throws at nothing, whatever the event hub delivers", () => {
  const broken = row.chain((audit) =>
    fc
      .dictionary(fc.constantFrom(...Object.keys(audit)), fc.anything(), { maxKeys: 3 })
      .map((junk) => ({ ...audit, ...junk })),
  );
  const record = fc.oneof(
    fc.anything(),
    broken.map(streamed),
    fc.record({ category: fc.anything(), properties: fc.anything(), time: fc.anything(), tenantId: fc.anything() }),
  );
  const message = fc.oneof(fc.anything(), fc.string(), fc.record({ records: fc.array(record, { maxLength: 4 }) }));
  const judged = fc.property(fc.array(message, { maxLength: 3 }), (messages) => {
    const good = streamed({ id: "good", activityDisplayName: "Update user", activityDateTime: "2026-03-01T10:00:00Z" });
    const { records } = parseAuditStream([...messages, { records: [good] }]);
    const ends = records.map(classifyAudit).filter((end) => end.kind === "roleEnd" || end.kind === "groupEnd");
    reduceEnds(ends);
    expect(records.at(-1)?.id).toBe("good");
  });
  fc.assert(judged, { numRuns: 5_000, seed: 6 });
});
