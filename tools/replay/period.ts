import { asIso } from "./input/log-time.ts";

interface Period {
  /** @param at a time as exports write it; any other text is ignored */
  see(at: unknown): void;
  /** `yyyy-mm-dd`; null when no record had a date. */
  readonly days: () => { readonly firstDay: string | null; readonly lastDay: string | null };
}

/** The first and the last day of the records of an export. */
export function createPeriod(): Period {
  let firstDay: string | null = null;
  let lastDay: string | null = null;
  return {
    see(at) {
      const day = dayOf(at);
      if (day === undefined) return;
      if (firstDay === null || day < firstDay) firstDay = day;
      if (lastDay === null || day > lastDay) lastDay = day;
    },
    days: () => ({ firstDay, lastDay }),
  };
}

const beginsWithDay = /^\d{4}-\d{2}-\d{2}/;

function dayOf(at: unknown): string | undefined {
  const iso = typeof at === "string" && beginsWithDay.test(at) ? at : asIso(at);
  return typeof iso === "string" && beginsWithDay.test(iso) ? iso.slice(0, 10) : undefined;
}
