import type { Head } from "../model/principal.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

const minute = 60_000;

/** Milliseconds below which an end without an outcome is of this age; the last has no bound. */
const ages = [
  { age: "underOneMinute", below: minute },
  { age: "underTenMinutes", below: 10 * minute },
  { age: "underOneHour", below: 60 * minute },
  { age: "older", below: Number.POSITIVE_INFINITY },
] as const;

/** Measures what is open, by age, and what the threshold holds, zeros included. `date` is Graph's time, as is `openSince`. */
export function measurePending(
  { telemetry }: { readonly telemetry: Telemetry },
  heads: readonly Pick<Head, "openSince" | "held">[],
  date: number,
): void {
  const open = heads.flatMap(({ openSince }) => (openSince === null ? [] : [Math.max(0, date - openSince)]));
  let from = 0;
  for (const { age, below } of ages) {
    const count = open.filter((time) => time >= from && time < below).length;
    telemetry.measure("pendingPrincipals", count, { age });
    from = below;
  }
  telemetry.measure(
    "oldestPending",
    open.reduce((oldest, time) => Math.max(oldest, time), 0),
  );
  telemetry.measure("heldPrincipals", heads.filter(({ held }) => held !== undefined).length);
}
