import type { History } from "./history.ts";
import type { JudgedEnd } from "./judge-ends.ts";
import type { DayCount } from "./report.ts";

const DAY = 86_400_000;
/** Entra keeps audit logs for 30 days; an archive may hold years, and empty days then only hide the others. */
const MOST_DAYS = 366;

/** Ends and sign-outs of each day in UTC, days without any among them, so that a chart has a true time axis. */
export function countDays(ends: readonly JudgedEnd[], { firstDay, lastDay }: History): readonly DayCount[] {
  const days = new Map<string, DayCount>();
  for (const day of everyDay(firstDay, lastDay)) days.set(day, { day, ends: 0, signOuts: 0 });
  for (const { end, verdict } of ends) {
    const day = new Date(end.at).toISOString().slice(0, 10);
    const { ends: before, signOuts } = days.get(day) ?? { ends: 0, signOuts: 0 };
    days.set(day, { day, ends: before + 1, signOuts: signOuts + (verdict === "signOut" ? 1 : 0) });
  }
  return [...days.values()].toSorted((a, b) => a.day.localeCompare(b.day));
}

function everyDay(first: string | null, last: string | null): readonly string[] {
  const [from, to] = [Date.parse(first ?? ""), Date.parse(last ?? "")];
  const count = (to - from) / DAY + 1;
  if (!(count >= 1 && count <= MOST_DAYS)) return [];
  return Array.from({ length: count }, (_, at) => new Date(from + at * DAY).toISOString().slice(0, 10));
}
