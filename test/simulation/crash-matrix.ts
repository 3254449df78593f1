import type { History, HoldingScript, PrincipalScript } from "./history.ts";
import type { Breach } from "./judge/evidence.ts";
import { runHistory, type Verdict } from "./run-history.ts";
import type { AppUnderTest } from "./world/app.ts";

const second = 1000;
const minute = 60 * second;

const holding = (end: HoldingScript["end"], plannedFor: number): HoldingScript => ({
  role: 0,
  scoped: false,
  kind: "activated",
  from: -minute,
  plannedFor,
  extension: null,
  end,
  appears: { list: 0, directory: 0 },
  removal: { list: 1200, directory: 700 },
  illusions: [],
  othersRevokeAfterEnd: null,
});

const user = (script: HoldingScript): PrincipalScript => ({
  kind: "user",
  listed: "inScope",
  holdings: [script],
  deletedAt: null,
  othersRevokeAt: [],
  missing: null,
  readBackLag: 14_500,
});

/** One end that was announced and one that was not, with the slowest read-back, on one instance: reconcile, resync and revoke all occur. */
export const canonicalHistory: History = {
  seed: 7,
  policy: {
    mode: "enforce",
    staleAfter: 28 * 60 * minute,
    revokeWhenReactivated: false,
    watchGroups: false,
    thresholds: null,
  },
  resyncEvery: 10 * second,
  instanceSkews: [0],
  storageSkew: 0,
  principals: [
    user(holding({ how: "expires" }, 2 * minute + 400)),
    user(holding({ how: "deactivated", after: 6.5 * minute }, 60 * minute)),
  ],
  groups: [],
  faults: [],
  orders: [],
};

export interface CrashPoint {
  /** The how-manieth port call since the start, and its name. */
  readonly index: number;
  readonly call: string;
  readonly when: "before" | "after";
}

/** Every moment before and after a port call at which the process can die, in the order of an undisturbed run. */
export async function crashPoints(app: AppUnderTest): Promise<CrashPoint[]> {
  const points: CrashPoint[] = [];
  let calls = 0;
  const observe = (call: string, when: "before" | "after"): boolean => {
    if (when === "before") calls += 1;
    points.push({ index: points.length, call, when });
    return false;
  };
  await runHistory(canonicalHistory, app, { observe });
  if (calls === 0) throw new Error("The canonical history makes no port call: there is nothing to crash at.");
  return points;
}

export interface CrashResult {
  readonly point: CrashPoint;
  readonly verdict: Verdict;
  readonly problems: readonly string[];
}

/** The canonical history with one death at `point` and a restart. Exactly one revoke per user must come of it. */
export async function crashAt(app: AppUnderTest, point: CrashPoint): Promise<CrashResult> {
  let seen = 0;
  let struck: string | undefined;
  const observe = (call: string): boolean => {
    const here = seen === point.index;
    seen += 1;
    if (here) struck = call;
    return here;
  };
  const verdict = await runHistory(canonicalHistory, app, { observe });
  const problems = [...verdict.breaches.map(inWords), ...countProblems(verdict)];
  if (struck !== point.call) problems.push(`the crash was meant for ${point.call} and struck ${struck ?? "nothing"}`);
  return { point, verdict, problems };
}

const inWords = ({ promise, why }: Breach): string => `${promise}: ${why}`;

function countProblems({ evidence }: Verdict): string[] {
  return evidence.principals.flatMap(({ id }) => {
    const calls = evidence.revokes.filter(({ principalId }) => principalId === id).length;
    return calls === 1 ? [] : [`${calls} accepted revokes for ${id}`];
  });
}
