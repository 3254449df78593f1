import { plain } from "../../plain.ts";
import { placeLines } from "../place-lines.ts";
import type { Activity, Report, Unreadable } from "../report.ts";
import { dayBars } from "./day-bars.ts";
import { personColumns, personRows } from "./people-table.ts";
import { recordLines } from "./record-lines.ts";
import {
  count,
  endsLine,
  many,
  NARROWED,
  notCut,
  ofPeople,
  period,
  SIGN_OUT,
  sentences,
  span,
  TOKENS,
} from "./sentences.ts";
import { textTable } from "./text-table.ts";

/** How one heading is set off, e.g. in bold. */
type Emphasis = (heading: string) => string;

const PEOPLE = 15;
const ENDS = 15;
const PLACES = 20;

/** The report for a terminal, safe to print. */
export function textReport(report: Report, heading: Emphasis): string {
  const { read, totals, days, activity } = report;
  const sections: readonly (readonly [string, readonly string[]])[] = [
    [`Replay of ${many(read.records, "record")}${period(report)}, all times UTC`, reading(report)],
    ["What ended", privileges(report)],
    ["How long a token could outlive it", exposure(report)],
    [
      `What pim-cutoff would have done: ${many(totals.signOuts, "sign-out")} of ${many(totals.peopleSignedOut, "person", "people")}`,
      [...(totals.signOuts > 0 ? [...sentences(SIGN_OUT), ""] : []), ...(totals.ends > 0 ? dayBars(days) : [])],
    ],
    ["The most affected", people(report)],
    ["What it could not have cut", notCut(report)],
    ...(activity ? [["What did outlive the role", survivors(report, activity)] as const] : []),
    ["What could not be read", unreadable([read.unreadable, ...(activity ? [activity.unreadable] : [])])],
  ];
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `${heading(title)}\n${lines.map((line) => `  ${plain(line)}`.trimEnd()).join("\n")}\n`)
    .join("\n");
}

const reading = (report: Report): readonly string[] => [endsLine(report), ...recordLines(report.read)];

const privileges = (report: Report): readonly string[] =>
  report.privileges.length === 0
    ? []
    : textTable(
        [
          ["privilege", "kind", "expired", "deactivated", "removed", "not said", "all"],
          ...report.privileges.map((one) => [
            one.name,
            one.kind === "role" ? "role" : "PIM group",
            ...[one.expired, one.deactivated, one.removed, one.unknown, one.total].map(count),
          ]),
        ],
        2,
      );

function exposure({ exposure: { ends, upperBound, narrowed, narrowedBy } }: Report): readonly string[] {
  if (ends === 0) return [];
  const causes = Object.entries(narrowedBy).map(([by, times]) => `${by} ${count(times)}`);
  return [
    TOKENS,
    `At most ${span(upperBound)}, over ${ofPeople(ends)}.`,
    ...(causes.length > 0 ? [`By what the export shows (${causes.join(", ")}): ${span(narrowed)}.`, NARROWED] : []),
  ];
}

function people(report: Report): readonly string[] {
  const rows = personRows(report);
  if (rows.length === 0) return [];
  const table = textTable([["person", ...personColumns(report)], ...rows.slice(0, PEOPLE)]);
  return [...table, ...left(rows.length - PEOPLE, "person", "people")];
}

function survivors({ ends }: Report, activity: Activity): readonly string[] {
  const outlived = ends.flatMap(({ survivors: after, ...end }) => (after ? [{ ...end, after }] : []));
  return [
    `${count(activity.survivingCalls)} of ${many(activity.calls, "call")} by users succeeded after a role's end, with a token from before it ` +
      `that claims the role (${many(activity.endsOutlived, "end")}).`,
    "Not counted: calls after the role was activated again.",
    ...outlived
      .slice(0, ENDS)
      .flatMap(({ at, principal, privilege, after }) => [
        `${at.slice(0, 19)}Z  ${principal}, ${privilege}: ${many(after.calls, "call")}, the last ${minutesAfter(at, after.last)} min after`,
        ...after.examples.map((example) => `    ${example.at.slice(0, 19)}Z  ${example.request.slice(0, 90)}`),
      ]),
    ...left(outlived.length - ENDS, "end"),
  ];
}

const minutesAfter = (end: string, at: string): string => ((Date.parse(at) - Date.parse(end)) / 60_000).toFixed(1);

function unreadable(all: readonly Unreadable[]): readonly string[] {
  const places = all.flatMap((one) => one.places);
  const total = all.reduce((sum, one) => sum + one.count, 0);
  return [
    ...placeLines(places.slice(0, PLACES), ({ file, position }) => `${file}, ${position}`),
    ...left(total - PLACES, "record"),
  ];
}

const left = (more: number, one: string, ones?: string): readonly string[] =>
  more > 0 ? [`... and ${many(more, `more ${one}`, ones && `more ${ones}`)}: --json has more.`] : [];
