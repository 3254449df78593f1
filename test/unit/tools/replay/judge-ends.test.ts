import { describe, expect, test } from "vitest";
import { isOfPerson, judgeEnds } from "../../../../tools/replay/judge-ends.ts";
import {
  directoryGroupRow,
  directoryRoleRow,
  JANE,
  pimGroupRow,
  pimRoleRow,
  target,
} from "../../../fixtures/audit/audit-rows.ts";
import { activationRow, historyOf, userRow } from "../../../fixtures/audit/history-of.ts";

const at = (activityDateTime: string) => ({ activityDateTime });
const [first] = directoryRoleRow().targetResources;
const held = (type: string) => ({ targetResources: [{ ...first, type }] });

const judge = (...rows: readonly unknown[]) => judgeEnds(historyOf(...rows), () => false);
const verdicts = (...rows: readonly unknown[]) => judge(...rows).map(({ verdict }) => verdict);

test("the two rows of an expiry are one end, at Core Directory's moment and for PIM's reason", () => {
  const [one, ...more] = judge(pimRoleRow(), directoryRoleRow());
  expect(more).toEqual([]);
  expect(one).toMatchObject({
    verdict: "signOut",
    end: { at: Date.parse("2026-03-01T10:00:00.945Z"), reason: "expired", principalId: JANE },
  });
});

describe("never an end", () => {
  test.each([
    "Add member to role in PIM completed (permanent)",
    "Add member to role completed (PIM activation)",
    "Add member to role outside of PIM (permanent)",
    "PIM activation request expired",
    "Remove eligible member from role in PIM completed (timebound)",
    "Remove member from role requested (PIM deactivate)",
    "Update role setting in PIM",
  ])("%s", (activityDisplayName) => expect(verdicts(pimRoleRow({ activityDisplayName }))).toEqual([]));

  test("what did not succeed", () => expect(verdicts(directoryRoleRow({ result: "failure" }))).toEqual([]));
});

describe("what the responder would have done", () => {
  test("one sign-out for two ends in one second, two for two seconds", () => {
    const other = { id: "x", additionalDetails: [] };
    expect(verdicts(directoryRoleRow(), pimGroupRow(at("2026-03-01T10:00:01.500Z")))).toEqual([
      "signOut",
      "sameSignOut",
    ]);
    expect(verdicts(directoryRoleRow(), directoryRoleRow({ ...other, ...at("2026-03-01T10:00:03Z") }))).toEqual([
      "signOut",
      "signOut",
    ]);
  });

  test("nothing for a service principal, and for a group only its members", () => {
    expect(verdicts(directoryRoleRow(held("ServicePrincipal")))).toEqual(["servicePrincipal"]);
    expect(verdicts(directoryRoleRow(held("Group")))).toEqual(["groupHeldRole"]);
  });

  test("nothing for a user of another tenant", () => {
    const [one] = judgeEnds(historyOf(directoryRoleRow()), (id) => id === JANE);
    expect(one?.verdict).toBe("externalUser");
  });

  test("a group membership counts if PIM reports it", () => {
    expect(verdicts(directoryGroupRow())).toEqual(["ordinaryGroup"]);
    expect(verdicts(directoryGroupRow(), pimGroupRow())).toEqual(["signOut"]);
  });

  test("only people's minutes count", () => {
    const rows = [
      directoryRoleRow(),
      directoryRoleRow({ ...held("Group"), ...at("2026-03-01T11:00:00Z") }),
      directoryGroupRow(at("2026-03-01T12:00:00Z")),
    ];
    expect(judge(...rows).map(isOfPerson)).toEqual([true, false, false]);
  });
});

describe("the minutes narrow where the export shows why", () => {
  const end = directoryRoleRow(at("2026-03-01T10:00:00Z"));
  const narrowed = (...rows: readonly unknown[]) => judge(end, ...rows)[0]?.narrowed;
  const tenMinutes = "2026-03-01T10:10:00Z";

  test.each([
    ["Update StsRefreshTokenValidFrom Timestamp", "sessions revoked"],
    ["Reset password", "password changed"],
    ["Reset user password", "password changed"],
    ["Change user password", "password changed"],
    ["Disable account", "account disabled"],
    ["Delete user", "account disabled"],
    ["Enable Strong Authentication", "MFA enabled"],
  ])("%s", (activity, by) => expect(narrowed(userRow(activity, tenMinutes))).toEqual({ after: 600_000, by }));

  test("the role is held again", () => {
    expect(narrowed(activationRow(tenMinutes))).toEqual({ after: 600_000, by: "held again" });
  });

  test("the first of several counts", () => {
    const rows = [userRow("Disable account", "2026-03-01T10:20:00Z"), userRow("Reset password", tenMinutes)];
    expect(narrowed(...rows)).toEqual({ after: 600_000, by: "password changed" });
  });

  test.each([
    ["before the end", userRow("Reset password", "2026-03-01T09:59:59Z")],
    ["after every token has expired", userRow("Reset password", "2026-03-01T11:30:00Z")],
    [
      "of someone else",
      userRow("Reset password", tenMinutes, {
        targetResources: [target("User", "b055b055-000b-4abc-8def-0123456789ab")],
      }),
    ],
    ["that failed", userRow("Reset password", tenMinutes, { result: "failure" })],
    ["that is none", userRow("Update user", tenMinutes)],
    [
      "only asked for",
      activationRow(tenMinutes, { activityDisplayName: "Add member to role requested (PIM activation)" }),
    ],
  ])("not by one %s", (_, row) => expect(narrowed(row)).toBeNull());
});

/** How often a time at which one person was signed out is read, for so many ends and as many sign-outs of that person. */
function timesRead(count: number): number {
  const [end] = historyOf(directoryRoleRow()).ends;
  if (end === undefined) throw new Error("The row reports no end.");
  let reads = 0;
  const times = Array.from({ length: count }, (_, n) => end.at + n * 600_000 + 60_000);
  const counted = new Proxy(times, {
    get(target, name, receiver) {
      if (name !== "length") reads += 1;
      return Reflect.get(target, name, receiver);
    },
  });
  const ends = times.map((at, n) => ({ ...end, at: at - 60_000, rowIds: [`row-${n}`] }));
  const history = { ...historyOf(), ends, cuts: new Map([["sessions revoked" as const, new Map([[JANE, counted]])]]) };
  expect(judgeEnds(history, () => false).every(({ narrowed }) => narrowed?.after === 60_000)).toBe(true);
  return reads;
}

test("ten times as many ends and sign-outs of one person cost at most twenty times the work", () => {
  expect(timesRead(5000)).toBeLessThan(20 * timesRead(500));
});
