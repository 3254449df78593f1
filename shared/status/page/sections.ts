import { escapeHtml } from "../../html/escape-html.ts";
import type { Health } from "../../operations/health.ts";
import type { Excerpt, RecentOutcome, Status } from "../status.ts";
import { idCode, named, person } from "./person.ts";
import { whatToDo } from "./runbook.ts";
import { spellLatency } from "./spell.ts";
import { type Markup, markup, table } from "./table.ts";
import { countdown, timeCell, timeOf } from "./time.ts";

const sourceColumns = [{ name: "source" }, { name: "state" }, { name: "last delivered" }, { name: "detail" }];

/** What tells of ends, how it stands, and when it last did. What Graph does not offer is folded away: nobody can mend it. */
export function sourceTables({ health, runbook }: Status): string {
  const { finishedAt, error } = health.lastResync;
  const resync = error === null && finishedAt !== null ? "proven" : finishedAt === null ? "unproven" : "failing";
  const rowsOf = (sources: readonly (readonly [string, Health["sources"][string]])[]) =>
    sources.map(([name, { state, lastAt, detail }]) => [name, state, when(lastAt), detail ?? ""]);
  const sources = Object.entries(health.sources);
  const unsupported = sources.filter(([, { state }]) => state === "unsupported");
  const rows = [
    ["resync", resync, when(finishedAt), error ?? ""],
    ["Microsoft Graph", "", when(health.lastGraphSuccess), ""],
    ...rowsOf(sources.filter(([, { state }]) => state !== "unsupported")),
  ];
  const failing = sources.some(([, { state }]) => state === "failing");
  return [
    table("Signal sources", sourceColumns, rows, ""),
    ...(failing ? [whatToDo("source-failing", { runbook })] : []),
    ...(unsupported.length === 0
      ? []
      : [
          `<details id="unsupported"><summary>Probes that Graph does not support: ${unsupported.length}</summary>`,
          table("Probes that Graph does not support", sourceColumns, rowsOf(unsupported), ""),
          "</details>",
        ]),
  ].join("\n");
}

const when = (time: string | null): string | Markup => (time === null ? "never" : timeCell(time));

export const upcomingTable = (status: Status): string =>
  table(
    "Assignments that end next",
    [{ name: "ends" }, { name: "person" }, { name: "privilege" }, { name: "scope" }],
    status.upcoming.shown.map((end) => [countdown(end.endDateTime), ...named(end, status)]),
    "No assignment with a known end is active.",
  ) + rest(status.upcoming);

export const pendingTable = (status: Status): string =>
  table(
    "Ends that wait for an outcome",
    [{ name: "since" }, { name: "person" }, { name: "privilege" }, { name: "scope" }, { name: "waits for" }],
    status.pending.shown.map((end) => [
      timeCell(end.since),
      ...named(end, status),
      end.isHeldByThreshold ? "a release: held by the threshold" : (end.heldBy ?? "its turn"),
    ]),
    "Every end has its outcome.",
  ) + rest(status.pending);

/** Nothing where nothing is parked: that is the rule. */
export function deadLetterTable(status: Status): string {
  const { deadLetters, newestDeadLetters } = status.health;
  if (deadLetters === 0) return "";
  return `<h3>Parked messages</h3>\n${table(
    "Messages that were given up on",
    [{ name: "parked" }, { name: "message" }, { name: "person" }, { name: "code" }, { name: "reason" }],
    newestDeadLetters.map(({ parkedAt, messageId, principalId, code, reason }) => [
      when(parkedAt),
      markup(idCode(messageId)),
      principalId === null ? "" : markup(person(principalId, status)),
      code,
      reason,
    ]),
    "",
  )}${rest({ total: deadLetters, shown: newestDeadLetters })}${whatToDo("alarms", status)}`;
}

/** The newest outcomes, with a field that the script makes work: without it nobody is offered one. */
export const recentTable = (status: Status): string =>
  `${status.recent.shown.length === 0 ? "" : '<p id="filtering" hidden><label>Show only what contains<input type="search" id="filter" autocomplete="off"></label> <span id="filtered" role="status" class="soft"></span></p>\n'}<div id="outcomes">${table(
    "Recent outcomes",
    [
      { name: "closed" },
      { name: "outcome" },
      { name: "announced end to revoke", isNumber: true },
      { name: "person" },
      { name: "privilege" },
      { name: "scope" },
      { name: "how it ended" },
      { name: "found by" },
      { name: "detail" },
    ],
    status.recent.shown.map((end) => [
      timeCell(end.closedAt),
      end.outcome,
      took(end),
      ...named(end, status),
      end.end,
      end.foundBy,
      end.detail ?? "",
    ]),
    "Nothing has ended yet.",
  )}</div>${rest(status.recent)}`;

/** When an end came that nobody announced is not known: it has no latency, not one of 0 ms. */
const took = ({ announced, milliseconds, foundAt }: RecentOutcome): string | Markup => {
  if (!announced) return markup(`found ${timeOf(foundAt)}`);
  return milliseconds === null ? "" : spellLatency(milliseconds);
};

const rest = ({ total, shown }: Excerpt<unknown>): string =>
  total > shown.length ? `<p class="soft">${escapeHtml(String(total - shown.length))} more are not shown.</p>` : "";
