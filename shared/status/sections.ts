import type { Health } from "../operators/health.ts";
import type { Excerpt, LatencySummary, PendingEnd, PrivilegeName, RecentOutcome, UpcomingEnd } from "./status.ts";

export const problemList = (problems: readonly string[]): string =>
  problems.length === 0
    ? ""
    : `<ul>${problems.map((problem) => `<li class="bad">${escapeHtml(problem)}</li>`).join("")}</ul>`;

/** The sources of signals, their state, and when each last delivered. */
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
  ) + notShown(upcoming);

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
  ) + notShown(pending);

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
      )}${notShown({ total: deadLetters, shown: newestDeadLetters })}`;

export const recentTable = (recent: Excerpt<RecentOutcome>): string =>
  table(
    "Recent outcomes",
    [
      { name: "closed" },
      { name: "outcome" },
      { name: "end to revoke", isNumber: true },
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
      end.milliseconds === null ? "" : spellSpan(end.milliseconds),
      ...named(end),
      end.end,
      end.foundBy,
      end.detail ?? "",
    ]),
    "Nothing has ended yet.",
  ) + notShown(recent);

const countdown = (endDateTime: string): Markup =>
  markup(`<time datetime="${escapeHtml(endDateTime)}" data-countdown>${escapeHtml(spellTime(endDateTime))}</time>`);

const named = ({ principalId, privilege, scope }: PrivilegeName): readonly (string | Markup)[] => [
  markup(`<code>${escapeHtml(principalId)}</code>`),
  privilege,
  scope ?? "",
];

const notShown = ({ total, shown }: Excerpt<unknown>): string =>
  total > shown.length ? `<p class="soft">${total - shown.length} more are not shown.</p>` : "";

/** Markup that was made here; whatever came from elsewhere has been escaped. */
interface Markup {
  readonly html: string;
}

const markup = (html: string): Markup => ({ html });

interface Column {
  readonly name: string;
  readonly isNumber?: boolean;
}

/** A table that scrolls sideways in a narrow window, reachable by keyboard; a sentence instead when it is empty. */
function table(
  label: string,
  columns: readonly Column[],
  rows: readonly (readonly (string | Markup)[])[],
  none: string,
): string {
  if (rows.length === 0) return `<p class="soft">${escapeHtml(none)}</p>`;
  const css = (at: number) => (columns[at]?.isNumber ? ' class="n"' : "");
  const cell = (value: string | Markup) => (typeof value === "string" ? escapeHtml(value) : value.html);
  const head = columns.map(({ name }, at) => `<th scope="col"${css(at)}>${escapeHtml(name)}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map((value, at) => `<td${css(at)}>${cell(value)}</td>`).join("")}</tr>`);
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(label)}">
<table><thead><tr>${head}</tr></thead>
<tbody>
${body.join("\n")}
</tbody></table></div>`;
}

const width = 520;
const rowHeight = 22;
const left = 90;
const right = 50;

/** How many revokes took how long, as bars that a screen reader gets in words. */
export function histogram({ histogram: bars }: LatencySummary): string {
  const most = bars.reduce((max, { count }) => Math.max(max, count), 1);
  const label = (at: number) => {
    const { upTo = null } = bars[at] ?? {};
    return upTo === null ? `over ${spellSpan(bars[at - 1]?.upTo ?? 0)}` : `up to ${spellSpan(upTo)}`;
  };
  const words = bars.map(({ count }, at) => `${label(at)}: ${count}`).join(", ");
  const rows = bars.map(({ count }, at) => {
    const [y, long] = [at * rowHeight, ((width - left - right) * count) / most];
    return `<text x="${left - 8}" y="${y + 15}" text-anchor="end">${escapeHtml(label(at))}</text><rect x="${left}" y="${y + 3}" width="${long.toFixed(1)}" height="${rowHeight - 6}"/><text x="${(left + long + 6).toFixed(1)}" y="${y + 15}">${count}</text>`;
  });
  return `<svg viewBox="0 0 ${width} ${bars.length * rowHeight}" role="img" aria-label="Revokes by time from end to acceptance: ${escapeHtml(words)}">
${rows.join("\n")}
</svg>`;
}

const units = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
] as const;

/** "2 h 5 min": the two largest units of a span in milliseconds, and tenths of a second below ten seconds. */
export function spellSpan(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 10_000) return `${Number((milliseconds / 1000).toFixed(1))} s`;
  const seconds = Math.round(milliseconds / 1000);
  const first = units.findIndex(([, size]) => seconds >= size);
  const parts = units.slice(first, first + 2).map(([unit, size], at) => {
    const larger = units[first + at - 1]?.[1] ?? Number.POSITIVE_INFINITY;
    return [Math.floor((at === 0 ? seconds : seconds % larger) / size), unit] as const;
  });
  return parts.flatMap(([count, unit]) => (count > 0 ? `${count} ${unit}` : [])).join(" ");
}

/** `2026-03-02 10:00:49` of an ISO time: every time on the page is UTC, which its head says. */
export const spellTime = (iso: string): string => iso.slice(0, 19).replace("T", " ");

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that is safe between tags and in quoted attributes: names in an export are written by strangers. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
