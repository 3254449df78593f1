import { isGuid } from "../graph/instants-and-ids.ts";
import { escapeHtml } from "../notify/wording.ts";
import type { Health } from "../operators/health.ts";
import { adminCenterPaths } from "../settings/settings.ts";
import type { Excerpt, LatencySummary, PrivilegeName, RecentOutcome, Status } from "./status.ts";

const sourceColumns = [{ name: "source" }, { name: "state" }, { name: "last delivered" }, { name: "detail" }];

/** The signal sources, each with its state and the time when it last delivered. Probes that Graph does not support are folded away: no operator can change that. */
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
  ) + notShown(status.upcoming);

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
  ) + notShown(status.pending);

/** The parked messages. Usually there are none, and then there is no table. */
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
  )}${notShown({ total: deadLetters, shown: newestDeadLetters })}${whatToDo("alarms", status)}`;
}

/** The newest outcomes, with a filter field. It is hidden until the script runs, since it needs the script. */
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
  )}</div>${notShown(status.recent)}`;

/** The latency of an announced end. The time of any other end is not known, so it has no latency; the page shows when it was found. */
const took = ({ announced, underMilliseconds, foundAt }: RecentOutcome): string | Markup => {
  if (!announced) return markup(`found ${timeOf(foundAt)}`);
  return underMilliseconds === null ? "" : spellLatency(underMilliseconds);
};

const notShown = ({ total, shown }: Excerpt<unknown>): string =>
  total > shown.length ? `<p class="soft">${escapeHtml(String(total - shown.length))} more are not shown.</p>` : "";

/** Markup made by this page. All text from outside in it has been escaped. */
interface Markup {
  readonly html: string;
}

const markup = (html: string): Markup => ({ html });

interface Column {
  readonly name: string;
  readonly isNumber?: boolean;
}

/** A table that scrolls sideways in a narrow window, also by keyboard. An empty table is replaced by a sentence. */
export function table(
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
</tbody></table></div>
<p class="soft hint" hidden>This table goes on: scroll it sideways. It has ${columns.length} columns.</p>`;
}

const width = 380;
const rowHeight = 22;
const left = 90;
const right = 50;

/** The number of revokes by latency, as bars, with the same as text for screen readers. */
export function histogram({ histogram: bars }: LatencySummary): string {
  const most = bars.reduce((max, { count }) => Math.max(max, count), 1);
  const label = (at: number) => {
    const { upTo = null } = bars[at] ?? {};
    return upTo === null ? `over ${spellSpan(bars[at - 1]?.upTo ?? 0)}` : `under ${spellSpan(upTo)}`;
  };
  const words = bars.map(({ count }, at) => `${label(at)}: ${count}`).join(", ");
  const rows = bars.map(({ count }, at) => {
    const [y, long] = [at * rowHeight, ((width - left - right) * count) / most];
    return `<text x="${left - 8}" y="${y + 15}" text-anchor="end">${escapeHtml(label(at))}</text><rect x="${left}" y="${y + 3}" width="${long.toFixed(1)}" height="${rowHeight - 6}"/><text x="${(left + long + 6).toFixed(1)}" y="${y + 15}">${count}</text>`;
  });
  return `<svg viewBox="0 0 ${width} ${bars.length * rowHeight}" role="img" aria-label="Revokes by time from announced end to acceptance: ${escapeHtml(words)}">
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

/** A latency. Graph's times are whole seconds, so only its upper bound is known. */
export const spellLatency = (underMilliseconds: number): string => `under ${spellSpan(underMilliseconds)}`;

/** An ISO time as `2026-03-02 10:00:49`. All times on the page are UTC, as its head says. */
export const spellTime = (iso: string): string => iso.slice(0, 19).replace("T", " ");
/** A time in UTC. The page's script adds the reader's local time. */
export const timeOf = (iso: string): string =>
  `<time datetime="${escapeHtml(iso)}">${escapeHtml(spellTime(iso))}</time>`;

export const timeCell = (iso: string): Markup => markup(timeOf(iso));

/** The same with the remaining time, which the script counts down. */
const countdown = (iso: string): Markup => markup(`<span data-countdown="${escapeHtml(iso)}"></span> ${timeOf(iso)}`);

/** The name of a section of docs/operate.md, as the alerts use it; a link if a setting has the address of that document. */
function runbook(part: string, { runbook: url }: Pick<Status, "runbook">): string {
  const text = `docs/operate.md#${escapeHtml(part)}`;
  if (url === null) return `<code>${text}</code>`;
  return `<a href="${escapeHtml(`${url.replace(/#.*/, "")}#${part}`)}" target="_blank" rel="noopener noreferrer">${text}</a>`;
}

export const whatToDo = (part: string, status: Pick<Status, "runbook">): string =>
  `<p class="soft">What to do: ${runbook(part, status)}</p>`;

/** Display names, and the address of the admin center. */
type Known = Pick<Status, "names" | "portal">;

export const nameOf = (id: string, { names }: Pick<Known, "names">): string | undefined =>
  Object.hasOwn(names, id) ? names[id] : undefined;

/** An id, which the script gives a button to copy it. */
const idCode = (id: string): string => `<code class="id">${escapeHtml(id)}</code>`;

/** A user or a group: the display name, if known, and always the id, with a link to its page in Entra. */
export function person(id: string, known: Known, isGroup = false): string {
  const name = nameOf(id, known);
  const { portal } = known;
  const link = (text: string) =>
    portal === null || !isGuid(id)
      ? text
      : `<a href="${escapeHtml(`${portal}${adminCenterPaths[isGroup ? "group" : "user"]}${id}`)}" target="_blank" rel="noopener noreferrer">${text}</a>`;
  return name === undefined ? link(idCode(id)) : `${link(escapeHtml(name))} ${idCode(id)}`;
}

/** The three cells that every table of ends has: person, privilege, scope. */
export const named = (end: PrivilegeName, known: Known): readonly (string | Markup)[] => [
  markup(person(end.principalId, known, end.isGroup)),
  privilege(end, known),
  end.scope ?? "",
];

/** The privilege. A membership or ownership also shows the group's name, if known. */
function privilege({ privilege: text, groupId }: PrivilegeName, known: Known): string | Markup {
  const name = groupId === null ? undefined : nameOf(groupId, known);
  if (groupId === null || name === undefined || !text.endsWith(groupId)) return text;
  return markup(`${escapeHtml(text.slice(0, -groupId.length))}${escapeHtml(name)} ${idCode(groupId)}`);
}
