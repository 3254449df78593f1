import { type JudgedEnd, TOKEN_LIVES } from "./judge-ends.ts";
import type { Exposure, Minutes } from "./report.ts";

/** The sum of the times by which tokens issued just before people's ends could outlive these ends. */
export function exposureOf(ends: readonly JudgedEnd[]): Exposure {
  const narrowedBy: Partial<Record<NonNullable<JudgedEnd["narrowed"]>["by"], number>> = {};
  for (const { narrowed } of ends) if (narrowed) narrowedBy[narrowed.by] = (narrowedBy[narrowed.by] ?? 0) + 1;
  return {
    ends: ends.length,
    upperBound: minutes(ends.length * TOKEN_LIVES.shortest, ends.length * TOKEN_LIVES.longest),
    narrowed: minutes(sumUpTo(TOKEN_LIVES.shortest, ends), sumUpTo(TOKEN_LIVES.longest, ends)),
    narrowedBy,
  };
}

const sumUpTo = (life: number, ends: readonly JudgedEnd[]): number =>
  ends.reduce((sum, { narrowed }) => sum + Math.min(life, narrowed?.after ?? life), 0);

/** Rounded up, so that an upper bound stays an upper bound. */
const minutes = (low: number, high: number): Minutes => ({
  low: Math.ceil(low / 60_000),
  high: Math.ceil(high / 60_000),
});
