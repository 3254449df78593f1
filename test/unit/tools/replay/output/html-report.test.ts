import { expect, test } from "vitest";
import { htmlReport } from "../../../../../tools/replay/output/html-report.ts";
import { replay } from "../../../../../tools/replay/replay.ts";
import { reportNaming } from "../../../../fixtures/audit/one-report.ts";
import { ONE_WEEK, ONE_WEEK_OF_CALLS } from "../../../../fixtures/audit/one-week.ts";

const page = htmlReport(await replay([ONE_WEEK], [ONE_WEEK_OF_CALLS], () => {}));

test("a name that is HTML is text on the page", () => {
  const html = htmlReport(reportNaming(`<script>alert("1")</script>'&`));
  expect(html).not.toContain("<script");
  expect(html).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;");
});

test("the page loads nothing and forbids to", () => {
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(page.replaceAll(/https:\/\/graph\.microsoft\.com/g, "")).not.toMatch(
    /\b(?:src|href|url|@import|https?:)\b\s*[=(/]/,
  );
});

test("light and dark follow the reader", () => {
  expect(page).toContain("color-scheme: light dark");
  expect(page).toContain("prefers-color-scheme: dark");
});

test("it says what the report says", () => {
  for (const said of [
    "11 ends",
    "42 records",
    "signed out 3 people 7 times",
    "adm-jane@contoso.example",
    "Server operators",
  ]) {
    expect(page).toContain(said);
  }
  expect(page).toContain("line 21, record 21");
  expect(page).toContain("1 end of service principals");
});

test("one bar per day for ends and one for sign-outs", () => {
  expect(page.match(/<rect class="ends"/g)).toHaveLength(5);
  expect(page.match(/<rect class="sign-outs"/g)).toHaveLength(5);
  expect(page).toContain("<title>2026-03-06: 2 sign-outs, 3 ends</title>");
});

test("long tables end with a note", () => {
  const report = reportNaming("Jane");
  const [person] = report.people;
  const html = htmlReport({
    ...report,
    people: Array.from({ length: 1234 }, () => person).filter((one) => one !== undefined),
  });
  expect(html).toContain("734 more: --json has all.");
});

test("a file that was refused is named with its reason", () => {
  const report = reportNaming("Jane");
  const refused = [{ file: "b.json", code: "notAnExport", reason: "b.json cannot be replayed: the file is empty." }];
  const page = htmlReport({ ...report, read: { ...report.read, refused } });
  expect(page).toContain("<td>b.json cannot be replayed: the file is empty.</td>");
  expect(htmlReport(report)).not.toContain("could not be replayed");
});
