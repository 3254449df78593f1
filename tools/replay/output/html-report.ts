import { escapeHtml } from "../../../shared/notify/wording.ts";
import type { Report } from "../report.ts";
import { dayChart } from "./day-chart.ts";
import { STYLE } from "./html-style.ts";
import { personColumns, personRows } from "./people-table.ts";
import { recordLines } from "./record-lines.ts";
import { count, endsLine, many, NARROWED, notCut, ofPeople, period, SIGN_OUT, span, TOKENS } from "./sentences.ts";

/** Most rows on the page, so that a browser shows it quickly; the JSON has all. */
const MOST_ROWS = 500;

/** The report as one page that loads nothing: its content security policy forbids every load, even if the content asks for one. */
export function htmlReport(report: Report): string {
  const { read, totals, exposure, activity } = report;
  const unreadable = [...read.unreadable.places, ...(activity?.unreadable.places ?? [])];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>pim-cutoff replay</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Role ends${escapeHtml(period(report))}</h1>
<p>${many(read.records, "record")} of the directory audit log, all times UTC: ${escapeHtml(endsLine(report))}
pim-cutoff would have signed out ${many(totals.peopleSignedOut, "person", "people")} ${many(totals.signOuts, "time")}.</p>
${totals.signOuts > 0 ? `<p class="note">${escapeHtml(SIGN_OUT)}</p>` : ""}
${list(recordLines(read))}
${totals.ends > 0 ? `<h2>Ends and sign-outs per day</h2>\n${dayChart(report.days)}` : ""}
${exposure.ends > 0 ? outliving(exposure) : ""}
${section("What ended", ["privilege", "kind"], ["expired", "deactivated", "removed", "not said", "all"], privilegeRows(report))}
${section("The most affected", ["person"], personColumns(report), personRows(report))}
${activity ? section("Calls that outlived the role", ["end", "person", "role", "for example"], ["calls"], survivorRows(report)) : ""}
${notCut(report).length > 0 ? `<h2>What it could not have cut</h2>\n${list(notCut(report))}` : ""}
${section(
  "Files that could not be replayed",
  ["file", "reason"],
  [],
  read.refused.map(({ file, reason }) => [file, reason]),
)}
${section(
  "What could not be read",
  ["file", "position", "problem"],
  [],
  unreadable.map(({ file, position, problem }) => [file, position, problem]),
)}
</body>
</html>
`;
}

const outliving = ({
  upperBound,
  narrowed,
  ends,
}: Report["exposure"]): string => `<h2>How long a token could outlive the role</h2>
<p>${escapeHtml(TOKENS)} At most <strong>${span(upperBound)}</strong> over ${ofPeople(ends)}; by what the export shows
<strong>${span(narrowed)}</strong>.</p>
<p class="note">${escapeHtml(NARROWED)}</p>`;

const list = (lines: readonly string[]): string =>
  lines.length === 0 ? "" : `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul>`;

function section(
  title: string,
  words: readonly string[],
  numbers: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) return "";
  const cells = (tag: string, row: readonly string[]) =>
    row.map((cell, at) => `<${tag}${at < words.length ? "" : ' class="n"'}>${escapeHtml(cell)}</${tag}>`).join("");
  const body = rows.slice(0, MOST_ROWS).map((row) => `<tr>${cells("td", row)}</tr>`);
  const more =
    rows.length > MOST_ROWS ? `<p class="note">${count(rows.length - MOST_ROWS)} more: --json has all.</p>` : "";
  return `<h2>${escapeHtml(title)}</h2>
<table><thead><tr>${cells("th", [...words, ...numbers])}</tr></thead>
<tbody>
${body.join("\n")}
</tbody></table>${more}`;
}

const privilegeRows = ({ privileges }: Report) =>
  privileges.map(({ name, kind, expired, deactivated, removed, unknown, total }) => [
    name,
    kind === "role" ? "role" : "PIM group",
    ...[expired, deactivated, removed, unknown, total].map(count),
  ]);

const survivorRows = ({ ends }: Report) =>
  ends.flatMap(({ at, principal, privilege, survivors }) =>
    survivors
      ? [
          [
            `${at.slice(0, 19)}Z`,
            principal,
            privilege,
            survivors.examples.map(({ request }) => request).join("\n"),
            count(survivors.calls),
          ],
        ]
      : [],
  );
