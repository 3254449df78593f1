import { expect, test } from "vitest";
import { defaultTimings } from "../../shared/detection/cadences.ts";
import { type Change, coreApp } from "./core-app.ts";
import { canonicalHistory } from "./crash-matrix.ts";
import type { History } from "./history.ts";
import { runHistory } from "./run-history.ts";

const second = 1000;
const minute = 60 * second;

/** An end, somebody who cuts the sessions two seconds after it, and a process that freezes for 100 s at its first call after `from`. */
function freezing(from: number, seed: number): History {
  const [user] = canonicalHistory.principals;
  if (user === undefined) throw new Error("The history has no user.");
  return {
    ...canonicalHistory,
    seed,
    principals: [
      {
        ...user,
        readBackLag: 0,
        holdings: user.holdings.map((held) => ({ ...held, othersRevokeAfterEnd: 2 * second })),
      },
    ],
    faults: [{ kind: "pause", from, for: 10, share: 1, seconds: 100 }],
  };
}

/** The end is gone from both views 1.2 s after it: the pass that sees it so, and its commit, lie in the two seconds after that. */
const gone = 2 * minute + 400 - minute + 1200;
const moments = Array.from({ length: 200 }, (_, index) => gone + 10 * index);

async function needlessCalls(seed: number, change?: Change): Promise<string[]> {
  const app = coreApp(change === undefined ? {} : { change });
  const found: string[] = [];
  for (const from of moments) {
    const { breaches } = await runHistory(freezing(from, seed), app);
    found.push(...breaches.map(({ promise, why }) => `${promise}: ${why}`));
  }
  return found;
}

const anyAge: Change = (dependencies) => ({
  ...dependencies,
  timings: { ...defaultTimings, readingFor: 24 * 60 * minute },
});

test.each([1, 2, 3])(
  "a process that freezes between its reading and its call does not act on it (seed %i)",
  {
    timeout: 120_000,
  },
  async (seed) => {
    expect(await needlessCalls(seed)).toEqual([]);
    expect(await needlessCalls(seed, anyAge)).toContain(
      "never twice: revoked although every pending revocation was satisfied already",
    );
  },
);
