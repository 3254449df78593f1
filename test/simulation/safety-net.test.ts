import { expect, test } from "vitest";
import { defaultTimings } from "../../shared/detection/cadences.ts";
import { type Change, coreApp } from "./core-app.ts";
import { canonicalHistory } from "./crash-matrix.ts";
import type { History } from "./history.ts";
import { runHistory } from "./run-history.ts";
import { withoutStandby } from "./without-standby.ts";

const second = 1000;
const minute = 60 * second;

/** One announced end, and no resync after the first: timers on this platform have been seen to stop for good. */
const withoutResync = (seed: number): History => ({
  ...canonicalHistory,
  seed,
  resyncEvery: 24 * 60 * minute,
  principals: canonicalHistory.principals.slice(0, 1),
});

const withoutSafetyNet: Change = (dependencies) => ({
  ...dependencies,
  timings: { ...defaultTimings, safetyNet: 24 * 60 * minute },
});

/** How long after the end the revoke is accepted when the process dies right before it sends the call; null: not at all. */
async function settledAfter(seed: number, change: Change = (dependencies) => dependencies): Promise<number | null> {
  let died = 0;
  const observe = (call: string, when: "before" | "after"): boolean => {
    if (call !== "graph.revokeSignInSessions" || when === "after" || died > 0) return false;
    died += 1;
    return true;
  };
  // The message behind the wait for the end may make good for it as well.
  const app = coreApp({ change: (dependencies) => change(withoutStandby(dependencies)) });
  // Whatever others report is about somebody else.
  const deaf = { ...app, hint: () => app.hint("f0000000-0000-4000-8000-000000000000") };
  const { evidence } = await runHistory(withoutResync(seed), deaf, { observe });
  expect(died, `seed ${seed}`).toBe(1);
  const goneAt = evidence.principals[0]?.sources[0]?.goneAt ?? Number.NaN;
  const [revoke] = evidence.revokes;
  return revoke === undefined ? null : revoke.appliedAt - goneAt;
}

test.each([1, 2, 3])("the safety-net message alone makes good for a death before the call (seed %i)", async (seed) => {
  // The lease of a minute must run out, and the call stay unseen for 16 s.
  expect(await settledAfter(seed)).toBeLessThan(2 * minute);
});

test.each([1, 2, 3])(
  "without it the end waits for the message that the host hid when it died (seed %i)",
  async (seed) => {
    const after = await settledAfter(seed, withoutSafetyNet);
    expect(after === null || after > 9 * minute, `${after} ms`).toBe(true);
  },
);
