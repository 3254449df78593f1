import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** One line of the story. */
export interface Line {
  readonly text: string;
  readonly style?: Style;
}

// With the stream it leaves colours out where there is no terminal, and where NO_COLOR is set.
const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });

/** Good and bad for who sees no colours. Elsewhere than on a terminal the words have to do. */
function mark(style: Style): string {
  if (!process.stdout.isTTY) return "";
  return style === "green" ? "✓ " : style === "red" ? "✗ " : "  ";
}

/** `10:00:00.500` of an ISO time. */
export function timeOf(at: string): string {
  const [whole = "", fraction = ""] = at.slice(11).replace("Z", "").split(".");
  return `${whole}.${fraction.padEnd(3, "0").slice(0, 3)}`;
}

/** With the day: for a clock that runs past midnight. */
export const dayAndTimeOf = (at: string): string => `${at.slice(0, 10)} ${timeOf(at)}`;

/** One line, with the tenant's time before it; null where it has none. */
export function say(time: string | null, text: string, style: Style = "reset"): void {
  const stamp = paint("cyan", (time ?? "").padEnd(12));
  console.log(`  ${stamp}  ${mark(style)}${paint(style, text)}`);
}

/** Begins a block, and says for all of its lines that it is a simulation. */
export const title = (text: string): void => console.log(`\n${paint("dim", "simulation")} ${paint("bold", text)}`);

/** Rows of equal length as an aligned table; the first is the heading. */
export function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const [index, row] of rows.entries()) {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
    console.log(`  ${index === 0 ? paint("underline", line) : line}`.trimEnd());
  }
}

/** Milliseconds for people: `0.31 s`, `2 min 04 s`, `27 h 59 min 12 s`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  const pad = (value: number) => String(value).padStart(2, "0");
  const minutes = `${pad(Math.floor((whole % 3600) / 60))} min ${pad(whole % 60)} s`;
  return whole < 3600 ? minutes : `${Math.floor(whole / 3600)} h ${minutes}`;
}
