import { expect, test } from "vitest";
import { htmlReport } from "../../../../../tools/replay/output/html-report.ts";
import { textReport } from "../../../../../tools/replay/output/text-report.ts";
import { replay } from "../../../../../tools/replay/replay.ts";
import { reportNaming } from "../../../../fixtures/audit/one-report.ts";
import { ONE_WEEK, ONE_WEEK_OF_CALLS } from "../../../../fixtures/audit/one-week.ts";

const week = await replay([ONE_WEEK], [ONE_WEEK_OF_CALLS], () => {});
const text = textReport(week, (heading) => `# ${heading}`);

test("every section, in order", () => {
  expect(text.match(/^# .*/gm)).toEqual([
    "# Replay of 42 records from 2026-03-02 to 2026-03-06, all times UTC",
    "# What ended",
    "# How long a token could outlive it",
    "# What pim-cutoff would have done: 7 sign-outs of 3 people",
    "# The most affected",
    "# What it could not have cut",
    "# What did outlive the role",
    "# What could not be read",
  ]);
});

test("what could not be cut, by why", () => {
  expect(text.split("# What it could not have cut\n")[1]?.split("\n\n")[0]?.split("\n")).toEqual([
    "  1 end of service principals: there is no call that ends their sessions",
    "  1 end of users from another tenant, which owns their sessions",
    "  1 end of roles that a group held: its members would have been signed out, but the export does not list them",
    "  1 removal of ordinary group memberships, reported by no row of PIM: they matter if the group carries a role",
    "  Access tokens of clients and services without Continuous Access Evaluation, for their remaining life",
  ]);
});

test("what did outlive the role", () => {
  expect(text).toContain("3 of 7 calls by users succeeded after a role's end");
  expect(text).toContain(
    "2026-03-02T10:00:49Z  adm-jane@contoso.example, User Administrator: 1 call, the last 3.4 min after",
  );
});

test("a log without an end says so, and nothing else", () => {
  const { ends: _, ...summary } = reportNaming("Jane");
  const none = { ...summary, ends: [], people: [], privileges: [], days: [] };
  const totals = { ...none.totals, ends: 0, signOuts: 0, peopleSignedOut: 0 };
  const exposure = { ...none.exposure, ends: 0 };
  const said = textReport({ ...none, totals, exposure }, (heading) => heading);
  expect(said).toContain("No role end in it.");
  expect(said).not.toContain("What ended");
  expect(said).not.toContain("outlive");
});

test("only where somebody would have been signed out both outputs say when", () => {
  const report = reportNaming("Jane");
  const when = "Each about a second after the end";
  for (const signOuts of [1, 0]) {
    const changed = { ...report, totals: { ...report.totals, ends: 1, signOuts } };
    for (const said of [textReport(changed, (heading) => heading), htmlReport(changed)])
      expect(said.includes(when)).toBe(signOuts > 0);
  }
});

test("a name cannot write to the terminal, only into the report", () => {
  const said = textReport(reportNaming("Jane\u001b[2J\u202eeoD\u0007"), (heading) => heading);
  expect(said).toContain("Jane\ufffd[2J\ufffdeoD\ufffd");
  expect(said.replaceAll("\n", "")).not.toMatch(/\p{Cc}|\p{Cf}/u);
});

test("what is left out is counted", () => {
  const report = reportNaming("Jane");
  const [person] = report.people;
  const people = Array.from({ length: 17 }, () => person).filter((one) => one !== undefined);
  const unreadable = {
    count: 30,
    reporting: 0,
    places: Array.from({ length: 25 }, () => ({ file: "a", position: "line 1", problem: "is broken" })),
  };
  const said = textReport({ ...report, people, read: { ...report.read, unreadable } }, (heading) => heading);
  expect(said).toContain("... and 2 more people: --json has more.");
  expect(said).toContain("... and 10 more records: --json has more.");
});
