import { expect, test } from "vitest";
import { replay } from "../../../../tools/replay/replay.ts";
import { ONE_WEEK, ONE_WEEK_OF_CALLS } from "../../../fixtures/audit/one-week.ts";

const report = await replay([ONE_WEEK], [ONE_WEEK_OF_CALLS], () => {});

test("the ends of the week and what the responder would have done about each", () => {
  const ends = report.ends.map(({ at, principal, privilege, reason, verdict }) =>
    [at.slice(5, 16), principal, privilege, reason, verdict].join(" | "),
  );
  expect(ends).toEqual([
    "03-02T09:40 | adm-ravi@contoso.example | Exchange Administrator | deactivated | signOut",
    "03-02T10:00 | adm-jane@contoso.example | User Administrator | expired | signOut",
    "03-03T09:30 | adm-jane@contoso.example | User Administrator | expired | signOut",
    "03-03T09:30 | adm-jane@contoso.example | Exchange Administrator | expired | sameSignOut",
    "03-04T13:15 | mia_fabrikam.example#EXT#@contoso.example | Security Reader | removed | externalUser",
    "03-04T15:00 | Nightly export | Directory Readers | unknown | servicePrincipal",
    "03-05T09:00 | adm-jane@contoso.example | User Administrator | expired | signOut",
    "03-05T09:55 | adm-jane@contoso.example | User Administrator | deactivated | signOut",
    "03-06T14:00 | adm-ravi@contoso.example | Server operators | expired | signOut",
    "03-06T16:00 | Helpdesk tier 2 | User Administrator | unknown | groupHeldRole",
    "03-06T17:00 | adm-olu@contoso.example | User Administrator | expired | signOut",
  ]);
});

test("the totals", () => {
  expect(report).toMatchObject({ firstDay: "2026-03-02", lastDay: "2026-03-06" });
  expect(report.totals).toEqual({
    elevatedEnds: 0,
    ends: 11,
    signOuts: 7,
    peopleSignedOut: 3,
    verdicts: {
      signOut: 7,
      sameSignOut: 1,
      externalUser: 1,
      servicePrincipal: 1,
      groupHeldRole: 1,
      ordinaryGroup: 1,
      unsureGroup: 0,
    },
  });
});

test("sign-outs per day", () => {
  expect(report.days).toEqual([
    { day: "2026-03-02", ends: 2, signOuts: 2 },
    { day: "2026-03-03", ends: 2, signOuts: 1 },
    { day: "2026-03-04", ends: 2, signOuts: 0 },
    { day: "2026-03-05", ends: 2, signOuts: 2 },
    { day: "2026-03-06", ends: 3, signOuts: 2 },
  ]);
});

test("people, the most affected first", () => {
  const people = report.people.map(({ name, signOuts, ends, survivingCalls }) => [
    name,
    signOuts,
    ends,
    survivingCalls,
  ]);
  expect(people).toEqual([
    ["adm-jane@contoso.example", 4, 5, 2],
    ["adm-olu@contoso.example", 1, 1, 1],
    ["adm-ravi@contoso.example", 2, 2, 0],
    ["mia_fabrikam.example#EXT#@contoso.example", 0, 1, 0],
  ]);
});

test("privileges, the most frequent first", () => {
  expect(report.privileges.map(({ kind, name, total }) => [kind, name, total])).toEqual([
    ["role", "User Administrator", 6],
    ["role", "Exchange Administrator", 2],
    ["role", "Directory Readers", 1],
    ["role", "Security Reader", 1],
    ["group", "Server operators", 1],
  ]);
});

test("the minutes: an hour to an hour and a half for each person's end, less what the export shows", () => {
  expect(report.exposure).toEqual({
    ends: 9,
    upperBound: { low: 540, high: 810 },
    narrowed: { low: 403, high: 583 },
    narrowedBy: { "password changed": 1, "held again": 1, "account disabled": 1 },
  });
});

test("the calls that outlived a role", () => {
  expect(report.activity).toMatchObject({ calls: 7, others: 1, survivingCalls: 3, endsOutlived: 4 });
  const survivors = report.ends.flatMap(({ survivors: one, privilege }) => (one ? [{ privilege, ...one }] : []));
  expect(survivors[0]).toEqual({
    privilege: "User Administrator",
    calls: 1,
    first: "2026-03-02T10:04:12.000Z",
    last: "2026-03-02T10:04:12.000Z",
    examples: [
      {
        at: "2026-03-02T10:04:12.000Z",
        tokenIssuedAt: "2026-03-02T09:05:00.000Z",
        request: "PATCH https://graph.microsoft.com/v1.0/users/a4a4a4a4-0004-4abc-8def-0123456789ab",
      },
    ],
  });
});

test("without an activity log nothing is said of calls", async () => {
  const without = await replay([ONE_WEEK], [], () => {});
  expect(without.activity).toBeNull();
  expect(without.people.map(({ survivingCalls }) => survivingCalls)).toEqual([null, null, null, null]);
  expect(without.people[1]?.name).toBe("adm-ravi@contoso.example");
});
