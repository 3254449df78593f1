import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });

/** One line of the story: labelled, with the tenant's time. Colours only on a terminal. */
export function say(at: string | null, text: string, style: Style = "reset"): void {
  const time = at === null ? " ".repeat(12) : at.slice(11, 23).padEnd(12, "0");
  console.log(`${paint("dim", "simulation")} ${paint("cyan", time)}  ${paint(style, text)}`);
}

export const title = (text: string): void => console.log(`\n${paint("dim", "simulation")} ${paint("bold", text)}`);

/** Rows of equal length as an aligned table; the first is the heading. */
export function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const [index, row] of rows.entries()) {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
    console.log(`${paint("dim", "simulation")}   ${index === 0 ? paint("underline", line) : line}`.trimEnd());
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
