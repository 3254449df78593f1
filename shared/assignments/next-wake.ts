import { instantMs } from "../graph/instant.ts";
import type { Obligation } from "../revocation/obligation.ts";
import { establishedAt } from "./absence.ts";
import type { PrincipalState } from "./principal-state.ts";
import type { Timings } from "./timings.ts";
import { waitsUntil } from "./unwatched-ends.ts";
import type { Watch } from "./watch.ts";

/**
 * When this principal must be looked at next, Graph's time, epoch milliseconds; null when there is nothing to wait for.
 * `date` is the time of the newest reading: never earlier than that.
 */
export function nextWake(state: PrincipalState, date: number, timings: Timings): number | null {
  const times = [
    ...[...state.watches.values()].flatMap((watch) => wakesFor(watch, date, timings)),
    ...Object.values(state.head.unexplained).flatMap((since) => wakesForUnexplained(since, date, timings)),
    ...(state.head.told ?? []).map((told) => waitsUntil(told, timings)).filter((time) => time > date),
    ...[...state.tombstones.values()].flatMap(({ shownSince }) => wakesForSighting(shownSince, date, timings)),
    ...[...state.obligations.values()].flatMap((obligation) => wakesForObligation(obligation, date)),
  ];
  return times.length === 0 ? null : Math.max(date, Math.min(...times));
}

/** Soon, since the directory may just lag behind the list; then twice as late each time. */
function wakesForUnexplained(since: number, date: number, timings: Timings): number[] {
  const settlesAt = since + timings.unexplainedFor;
  if (settlesAt <= date) return [];
  return [Math.min(settlesAt, date + Math.min(Math.max(date - since, 1000), timings.pollEvery))];
}

/** When a second one may prove that an ended row lives again. After that the resync finds whatever is shown. */
const wakesForSighting = (shownSince: number | null, date: number, { ghostFor }: Timings): number[] =>
  shownSince === null || shownSince + ghostFor <= date ? [] : [shownSince + ghostFor];

function wakesFor(watch: Watch, date: number, timings: Timings): number[] {
  const hiddenUntil = watch.hidden === null ? date : watch.hidden.since + timings.ghostFor;
  const polled = [
    ...(watch.source === "schedule" ? [] : [date + timings.pollEvery]),
    ...(hiddenUntil > date ? [Math.min(hiddenUntil, date + timings.lookSlowly)] : []),
  ];
  if (watch.absence !== null) {
    const at = establishedAt(watch, watch.absence.since, timings);
    // The true time is up to a second after `date`: what is less than that away may have come already.
    const second = at - date < 1000 ? date + timings.lookEvery : at;
    // The first one may be a replica's lag: whoever sees the row once more just before its known end is in time for it.
    const end = watch.listedEnd === null ? null : instantMs(watch.listedEnd);
    return [...polled, second, ...(end !== null && end > date ? [lookAt(end, date, timings)] : [])];
  }
  return watch.listedEnd === null ? polled : [...polled, lookAt(instantMs(watch.listedEnd), date, timings)];
}

/**
 * Well before the end: early enough for a queue message. Shortly before: at the first moment at which it may have come, since the true
 * time lies up to a second after `date`. After it: less and less often.
 */
export function lookAt(end: number, date: number, timings: Timings): number {
  const since = date - end;
  if (since < -(timings.waitInside + 999)) return end - timings.timerLead;
  if (since < -999) return end - 999;
  if (since < timings.lookClosely) return date + timings.lookEvery;
  if (since < 2 * timings.lookClosely) return date + 1000;
  if (since < timings.overdueAfter / 2) return date + 3000;
  return date + timings.lookSlowly;
}

function wakesForObligation({ progress }: Obligation, date: number): number[] {
  if (progress.state === "closed") return [];
  if (progress.state === "pending") return [progress.notBefore ?? date];
  // Read back soon after the call, then twice as late each time.
  return [date + Math.min(Math.max(date - progress.acceptedAt, 1000), 60_000)];
}
