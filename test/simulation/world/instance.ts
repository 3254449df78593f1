import type { Clock } from "../../../shared/base/clock.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** One run of one app instance, from its start to its death. Code of a dead instance never runs again: its promises stay open for ever. */
export interface Instance {
  readonly name: string;
  readonly clock: Clock;
  alive(): boolean;
  kill(): void;
  /** Freezes the process until `time`: answers and sleeps that end before arrive then. */
  pauseUntil(time: number): void;
  /** A promise that `arrange` settles through `settle` at a time of its choice, if the instance still lives then. */
  wait<T>(arrange: (settle: (time: number, how: Settlement<T>) => void) => void): Promise<T>;
}

export type Settlement<T> = { readonly value: T | Promise<T> } | { readonly error: unknown };

/** @param skew how far the instance's wall clock is ahead of the truth, milliseconds. */
export function startInstance(name: string, time: VirtualTime, skew: number): Instance {
  const startedAt = time.now();
  let alive = true;
  let pausedUntil = 0;

  const wait: Instance["wait"] = <T>(arrange: (settle: (time: number, how: Settlement<T>) => void) => void) => {
    return new Promise<T>((resolve, reject) => {
      const arrive = (how: Settlement<T>): void => {
        if (!alive) return;
        if (time.now() < pausedUntil) {
          time.at(pausedUntil, () => arrive(how));
          return;
        }
        time.wakeCode();
        if ("error" in how) reject(how.error);
        else resolve(how.value);
      };
      arrange((when, how) => time.at(when, () => arrive(how)));
    });
  };

  return {
    name,
    clock: {
      now: () => time.now() + skew,
      monotonic: () => time.now() - startedAt,
      sleep: (ms) => wait<void>((settle) => settle(time.now() + Math.max(0, Math.ceil(ms)), { value: undefined })),
    },
    alive: () => alive,
    kill: () => {
      alive = false;
    },
    pauseUntil: (until) => {
      pausedUntil = Math.max(pausedUntil, until);
    },
    wait,
  };
}
