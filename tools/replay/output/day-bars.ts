import type { DayCount } from "../report.ts";
import { many } from "./sentences.ts";

const WIDTH = 40;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** One line per day with a bar of its sign-outs. */
export function dayBars(days: readonly DayCount[]): readonly string[] {
  const most = days.reduce((max, { signOuts }) => Math.max(max, signOuts), 1);
  return days.map(({ day, ends, signOuts }) => {
    const said = ends === 0 ? "·" : `${many(signOuts, "sign-out")}, ${many(ends, "end")}`;
    return `${day}  ${bar(signOuts / most)} ${said}`;
  });
}

function bar(share: number): string {
  const eighths = Math.round(share * WIDTH * 8);
  return `${"█".repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8]}`.padEnd(WIDTH);
}
