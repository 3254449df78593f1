import type { History } from "../history.ts";
import type { Disturbance, Span } from "../judge/evidence.ts";
import type { Order } from "./app.ts";
import type { Host } from "./host.ts";
import type { Tally } from "./tally.ts";
import type { VirtualTime } from "./virtual-time.ts";

const second = 1000;
const minute = 60 * second;

interface Parts {
  readonly time: VirtualTime;
  readonly host: Host;
  readonly tally: Tally;
  readonly start: number;
  /** After the last trouble the operator resumes, and releases again and again for as long as `drain`. */
  readonly end: number;
  readonly drain: number;
}

/** What the operator did, as far as the judge must know. */
export interface Operator {
  readonly stops: readonly Span[];
  readonly releasedAt: readonly number[];
  readonly disturbances: readonly Disturbance[];
  /** Whether no stop is in force. */
  isFree(): boolean;
}

/** How long what a stop held may take to be reconciled once it is lifted. */
const settlesIn = 2 * minute;

/** Schedules what the operator orders; what they find out comes with time. */
export function scheduleOrders(history: History, { time, host, tally, start, end, drain }: Parts): Operator {
  const stops: { from: number; to: number }[] = [];
  const releasedAt: number[] = [];
  const disturbances: { what: string; from: number; to: number; underWay: boolean }[] = [];
  let resumedAt = Number.NEGATIVE_INFINITY;
  let cancel = (): void => undefined;
  const give = (action: Order): void => {
    tally.add(`order ${action}`);
    const given = time.now();
    if (action === "stop") {
      disturbances.push({ what: "stop", from: given, to: Number.POSITIVE_INFINITY, underWay: true });
    }
    if (action === "release") releasedAt.push(given);
    // Whoever gives the opposite order repeats the last one no more.
    if (action !== "release") cancel();
    // One that was given in the second before may be under way: by storage's whole seconds nobody knows which order came first.
    const mayBeLifted = given < resumedAt + second;
    if (action === "resume") resumedAt = given;
    if (action === "resume") {
      for (const stop of stops) stop.to = Math.min(stop.to, given);
      for (const stop of disturbances) {
        // One that nobody has confirmed may come after this resume: only the next one lifts it for sure.
        if (!stop.underWay || given > stop.from + minute) stop.to = Math.min(stop.to, given + settlesIn);
      }
    }
    const stopTrying = host.order(action, () => {
      if (action === "stop") for (const stop of disturbances) if (stop.from === given) stop.underWay = false;
      const isLifted = disturbances.every(({ to }) => Number.isFinite(to));
      if (action === "stop" && !isLifted && !mayBeLifted)
        stops.push({ from: time.now(), to: Number.POSITIVE_INFINITY });
    });
    if (action !== "release") cancel = stopTrying;
  };
  for (const { at, action } of history.orders) time.at(start + at, () => give(action));
  for (let at = end + second; at < end + drain - 4 * minute; at += minute) {
    // Again and again: an order that was under way may have come after the first one.
    if (history.orders.length > 0) time.at(at, () => give("resume"));
    if (history.policy.thresholds !== null) time.at(at + second, () => give("release"));
  }
  const isFree = () => disturbances.every(({ to }) => to < time.now());
  return { stops, releasedAt, disturbances, isFree };
}
