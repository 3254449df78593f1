export interface Period {
  /** Text that begins with `yyyy-mm-dd`; anything else is passed over. */
  see(at: unknown): void;
  /** `yyyy-mm-dd`; null when nothing had a date. */
  readonly days: () => { readonly firstDay: string | null; readonly lastDay: string | null };
}

/** The first and the last day that the records of an export have. */
export function createPeriod(): Period {
  let firstDay: string | null = null;
  let lastDay: string | null = null;
  return {
    see(at) {
      if (typeof at !== "string" || !/^\d{4}-\d{2}-\d{2}/.test(at)) return;
      if (firstDay === null || at < firstDay) firstDay = at.slice(0, 10);
      if (lastDay === null || at.slice(0, 10) > lastDay) lastDay = at.slice(0, 10);
    },
    days: () => ({ firstDay, lastDay }),
  };
}
