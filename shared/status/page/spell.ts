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

/** A latency between Graph's whole seconds: none at all means less than one. */
export const spellLatency = (milliseconds: number): string =>
  milliseconds === 0 ? "under 1 s" : spellSpan(milliseconds);

/** `2026-03-02 10:00:49` of an ISO time: every time on the page is UTC, which its head says. */
export const spellTime = (iso: string): string => iso.slice(0, 19).replace("T", " ");
