import { escapeHtml } from "../../html/escape-html.ts";
import type { Health } from "../../operations/health.ts";
import type { Excerpt, PendingEnd, PrivilegeName, RecentOutcome, UpcomingEnd } from "../status.ts";
import { spellSpan, spellTime } from "./spell.ts";
import { type Markup, markup, table } from "./table.ts";

/** What tells of ends, how it stands, and when it last did. */
export function sourceTable({ lastResync, lastGraphSuccess, sources }: Health): string {
  const { finishedAt, error } = lastResync;
  const resync = error === null && finishedAt !== null ? "proven" : finishedAt === null ? "unproven" : "failing";
  const rows = [
    ["resync", resync, when(finishedAt), error ?? ""],
    ["Microsoft Graph", "", when(lastGraphSuccess), ""],
    ...Object.entries(sources).map(([name, { state, lastAt, detail }]) => [name, state, when(lastAt), detail ?? ""]),
  ];
  return table(
    "Signal sources",
    [{ name: "source" }, { name: "state" }, { name: "last delivered" }, { name: "detail" }],
    rows,
    "",
  );
}

const when = (time: string | null): string => (time === null ? "never" : spellTime(time));

export const upcomingTable = (upcoming: Excerpt<UpcomingEnd>): string =>
  table(
    "Assignments that end next",
    [{ name: "ends" }, { name: "person" }, { name: "privilege" }, { name: "scope" }],
    upcoming.shown.map((end) => [countdown(end.endDateTime), ...named(end)]),
    "No assignment with a known end is active.",
  ) + rest(upcoming);

export const pendingTable = (pending: Excerpt<PendingEnd>): string =>
  table(
    "Ends that wait for an outcome",
    [{ name: "since" }, { name: "person" }, { name: "privilege" }, { name: "scope" }, { name: "waits for" }],
    pending.shown.map((end) => [
      spellTime(end.since),
      ...named(end),
      end.isHeldByThreshold ? "a release: held by the threshold" : (end.heldBy ?? "its turn"),
    ]),
    "Every end has its outcome.",
  ) + rest(pending);

/** Nothing where nothing is parked: that is the rule. */
export const deadLetterTable = ({ deadLetters, newestDeadLetters }: Health): string =>
  deadLetters === 0
    ? ""
    : `<h3>Parked messages</h3>\n${table(
        "Messages that were given up on",
        [{ name: "parked" }, { name: "message" }, { name: "person" }, { name: "code" }, { name: "reason" }],
        newestDeadLetters.map(({ parkedAt, messageId, principalId, code, reason }) => [
          when(parkedAt),
          markup(`<code>${escapeHtml(messageId)}</code>`),
          principalId === null ? "" : markup(`<code>${escapeHtml(principalId)}</code>`),
          code,
          reason,
        ]),
        "",
      )}${rest({ total: deadLetters, shown: newestDeadLetters })}`;

export const recentTable = (recent: Excerpt<RecentOutcome>): string =>
  table(
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
    recent.shown.map((end) => [
      spellTime(end.closedAt),
      end.outcome,
      took(end),
      ...named(end),
      end.end,
      end.foundBy,
      end.detail ?? "",
    ]),
    "Nothing has ended yet.",
  ) + rest(recent);

/** When an end came that nobody announced is not known: it has no latency, not one of 0 ms. */
const took = ({ announced, milliseconds, foundAt }: RecentOutcome): string =>
  announced ? (milliseconds === null ? "" : spellSpan(milliseconds)) : `found ${spellTime(foundAt)}`;

const countdown = (endDateTime: string): Markup =>
  markup(`<time datetime="${escapeHtml(endDateTime)}" data-countdown>${escapeHtml(spellTime(endDateTime))}</time>`);

const named = ({ principalId, privilege, scope }: PrivilegeName): readonly (string | Markup)[] => [
  markup(`<code>${escapeHtml(principalId)}</code>`),
  privilege,
  scope ?? "",
];

const rest = ({ total, shown }: Excerpt<unknown>): string =>
  total > shown.length ? `<p class="soft">${total - shown.length} more are not shown.</p>` : "";
