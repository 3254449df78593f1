import { hour } from "../base/clock.ts";
import { escapeHtml } from "../notify/wording.ts";
import { named, nameOf, spellTime, table, timeCell } from "./sections.ts";
import type { Day, DayBar, DayPerson, Status } from "./status.ts";

const left = 170;
const width = 1120;
const right = 20;
/** Pixels above the people, for two rows of times: UTC, and the reader's time zone, which the script adds. */
const top = 40;
const lane = 26;
/** The most pixels that one character of a label needs. */
const letter = 6.4;
/** The most pixels between the start of a label and "now", for a bar that began earlier. */
const nearNow = 200;

/** The style of a bar shows its state. A mark shows it as well, since colour alone is not enough for all readers. */
type BarStyle = "holds" | "cut" | "waits" | "spared" | "uncut";
const barStyles: Readonly<Record<DayBar["fate"], BarStyle>> = {
  holds: "holds",
  waits: "waits",
  revoked: "cut",
  alreadySatisfied: "cut",
  stillHeld: "spared",
  excluded: "spared",
  outOfScope: "spared",
  reportOnly: "spared",
  notEnforceable: "uncut",
  principalGone: "spared",
  stale: "uncut",
  failed: "uncut",
};
const marks: Readonly<Record<BarStyle, string>> = { holds: "", cut: "✓", waits: "…", spared: "–", uncut: "!" };
const legend: readonly (readonly [BarStyle, string])[] = [
  ["holds", "active"],
  ["cut", "sessions cut"],
  ["waits", "waits"],
  ["spared", "not to be cut"],
  ["uncut", "could not be cut"],
];

/** The last 24 hours and the next eight as a picture, and the same as a table. */
export function dayChart(status: Status): string {
  const { day } = status;
  if (day.people.length === 0) return '<p class="soft">Nobody holds anything, and nothing ended within a day.</p>';
  return `${picture(status)}
<p class="legend">${legend.map(([style, text]) => `<span class="${style}">${marks[style] || "━"} ${text}</span>`).join(" ")}</p>
${leftOut(day)}<details id="day"><summary>The same as a table</summary>
${asTable(status)}
</details>`;
}

function leftOut({ people, more }: Day): string {
  const notes = [
    ...(more === 0 ? [] : [`${more} more people are not shown.`]),
    ...(people.some((person) => person.more > 0) ? ['"+2" beside a name: two more privileges are not shown.'] : []),
  ];
  return notes.length === 0 ? "" : `<p class="soft">${notes.join(" ")}</p>\n`;
}

/** An active privilege is "active", not "held": on this page and in health, "held" means that a revocation waits for an operator. */
const fateText = ({ fate, until }: DayBar): string =>
  fate === "holds" ? (until === null ? "active, with no known end" : "active") : fate;

function asTable(status: Status): string {
  const columns = ["person", "privilege", "scope", "from", "until", "what became of it"].map((name) => ({ name }));
  const rows = status.day.people.flatMap(({ bars }) =>
    bars.map((bar) => [
      ...named(bar, status),
      timeCell(bar.from),
      bar.until === null ? "" : timeCell(bar.until),
      fateText(bar),
    ]),
  );
  return table("A day at a glance", columns, rows, "");
}

function picture(status: Status): string {
  const { day, at } = status;
  const scale = scaleOf(day);
  let y = top;
  const rows: string[] = [];
  for (const person of day.people) {
    const name = shortName(person, status);
    const lanes = lanesOf(person.bars.map((bar) => place(bar, name, Date.parse(at), scale)));
    rows.push(drawPerson(person, name, lanes, y));
    y += lanes.length * lane;
  }
  const height = y + 4;
  const now = scale(Date.parse(at)).toFixed(1);
  return `<div class="scroll" role="region" tabindex="0" aria-label="A day at a glance, drawn" data-now="${((scale(Date.parse(at)) / width) * 100).toFixed(1)}">
<svg class="day" viewBox="0 0 ${width} ${height}" role="img" aria-label="Who holds what until when: the table below says the same">
${hours(day, scale, height, scale(Date.parse(at)))}
<line class="now" x1="${now}" x2="${now}" y1="30" y2="${height}"/><text class="now" x="${now}" y="12" text-anchor="middle">now</text>
${rows.join("\n")}
</svg></div>
<p class="soft hint" hidden>This picture goes on: scroll it sideways.</p>`;
}

type Scale = (time: number) => number;

function scaleOf({ from, to }: Day): Scale {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  return (time) => left + ((Math.min(Math.max(time, first), last) - first) / (last - first)) * (width - left - right);
}

/** A line every four hours, with its time in UTC and room for the reader's local time below it; no time close to "now". */
function hours({ from, to }: Day, scale: Scale, height: number, now: number): string {
  const lines: string[] = [];
  for (let time = Math.ceil(Date.parse(from) / (4 * hour)) * 4 * hour; time <= Date.parse(to); time += 4 * hour) {
    const x = scale(time).toFixed(1);
    lines.push(`<line class="hour" x1="${x}" x2="${x}" y1="30" y2="${height}"/>`);
    if (Math.abs(scale(time) - now) < 34) continue;
    const iso = new Date(time).toISOString();
    lines.push(
      `<text x="${x}" y="12" text-anchor="middle">${iso.slice(11, 16)}<tspan class="local" x="${x}" dy="13" data-local="${iso}"></tspan></text>`,
    );
  }
  return `<text x="4" y="12">UTC<tspan class="local zone" x="4" dy="13"></tspan></text>\n${lines.join("\n")}`;
}

interface Placed {
  readonly bar: DayBar;
  readonly x: number;
  readonly end: number;
  readonly label: string;
  /** The left edge of the label, so that the label stays within the picture. */
  readonly labelX: number;
  /** The width of the label with the person's name in front of it: on a phone the column of names is scrolled out of view. */
  readonly long: number;
}

function place(bar: DayBar, name: string, now: number, scale: Scale): Placed {
  const x = scale(Date.parse(bar.from));
  const end = Math.max(bar.until === null ? width - right : scale(Date.parse(bar.until)), x + 3);
  const label = bar.groupId === null ? bar.privilege : bar.privilege.replace(bar.groupId, "a group");
  const long = (name.length + 2 + label.length) * letter;
  // The label of a bar that began long ago is placed near "now", the part that a narrow window shows first.
  const from = Math.max(x, Math.min(scale(now) - nearNow, end - long));
  return { bar, x, end, label, labelX: Math.max(left, Math.min(from, width - right - long)), long };
}

/** Puts bars in the same lane when neither they nor their labels overlap. */
function lanesOf(placing: readonly Placed[]): readonly (readonly Placed[])[] {
  const lanes: Placed[][] = [];
  for (const placed of placing) {
    const begins = Math.min(placed.x, placed.labelX);
    const free = lanes.find((others) =>
      others.every(({ end, labelX, long }) => Math.max(end + 14, labelX + long + 6) <= begins),
    );
    if (free === undefined) lanes.push([placed]);
    else free.push(placed);
  }
  return lanes;
}

function shortName({ principalId }: DayPerson, status: Status): string {
  const name = nameOf(principalId, status) ?? `${principalId.slice(0, 8)}…`;
  return name.length > 22 ? `${name.slice(0, 21)}…` : name;
}

function drawPerson(
  { principalId, isGroup, more }: DayPerson,
  name: string,
  lanes: readonly (readonly Placed[])[],
  y: number,
): string {
  const who = more === 0 ? name : `${name} +${more}`;
  const bars = lanes.flatMap((placed, at) => placed.map((one) => drawBar(one, y + at * lane, name)));
  return `<line class="hour" x1="0" x2="${width}" y1="${y}" y2="${y}"/><text class="who" x="4" y="${y + 17}"><title>${escapeHtml(principalId)}${isGroup ? ", a group" : ""}</title>${escapeHtml(who)}</text>
${bars.join("\n")}`;
}

function drawBar({ bar, x, end, label, labelX }: Placed, y: number, name: string): string {
  const style = barStyles[bar.fate];
  const until = bar.until === null ? "" : ` until ${spellTime(bar.until)}`;
  const title = `${name}: ${label}, from ${spellTime(bar.from)}${until} UTC: ${fateText(bar)}`;
  const mark =
    marks[style] && `<text class="${style}" x="${(end + 3).toFixed(1)}" y="${y + 23}">${marks[style]}</text>`;
  const text = `<tspan class="narrow">${escapeHtml(name)}: </tspan>${escapeHtml(label)}`;
  return `<g><title>${escapeHtml(title)}</title><text x="${labelX.toFixed(1)}" y="${y + 12}">${text}</text><rect class="${style}" x="${x.toFixed(1)}" y="${y + 16}" width="${(end - x).toFixed(1)}" height="6" rx="2"/>${mark}</g>`;
}
