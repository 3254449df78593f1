import type { History, HoldingScript, MemberScript, PrincipalScript } from "./history.ts";
import type { Breach, Span } from "./judge/evidence.ts";
import { historyStart, runHistory, type Verdict } from "./run-history.ts";
import type { AppUnderTest } from "./world/app.ts";

const second = 1000;
const minute = 60 * second;

const holding = (end: HoldingScript["end"], plannedFor: number): HoldingScript => ({
  role: 0,
  scoped: false,
  kind: "activated",
  eligibleThroughGroup: false,
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
  missing: [],
  readBackLag: 14_500,
});

/** One end that was announced and one that was not, with the slowest read-back, on one instance: reconcile, resync and revoke all occur. */
export const canonicalHistory: History = {
  seed: 7,
  policy: {
    mode: "enforce",
    staleAfter: 28 * 60 * minute,
    watchGroups: false,
    coalesceWithin: 0,
    enforcedRoles: "all",
    thresholds: null,
  },
  resyncEvery: 10 * second,
  instanceSkews: [0],
  storageSkew: 0,
  auditLag: 5 * second,
  sealed: true,
  listsMembers: false,
  principals: [
    user(holding({ how: "expires" }, 2 * minute + 400)),
    user(holding({ how: "deactivated", after: 6.5 * minute }, 60 * minute)),
  ],
  groups: [],
  faults: [],
  orders: [],
};

const stay = (principal: number, over: Partial<MemberScript>): MemberScript => ({
  principal,
  access: "member",
  kind: "permanent",
  from: -minute,
  plannedFor: 60 * minute,
  end: { how: "expires" },
  removal: { list: 300, directory: 900 },
  ...over,
});

const bystander: PrincipalScript = { ...user(holding({ how: "expires" }, 60 * minute)), holdings: [] };

/** A group that loses its role, one whose member leaves, and somebody who leaves at the very moment: fan-outs by pages and for one. */
export const groupHistory: History = {
  ...canonicalHistory,
  policy: { ...canonicalHistory.policy, watchGroups: true },
  principals: [bystander, bystander, bystander, bystander],
  groups: [
    {
      role: holding({ how: "expires" }, 3 * minute + 400),
      within: null,
      members: [
        stay(0, {}),
        stay(1, { kind: "outsidePim" }),
        stay(2, { end: { how: "leaves", after: 3 * minute - 200 } }),
      ],
    },
    {
      role: holding({ how: "expires" }, 40 * 60 * minute),
      within: null,
      members: [stay(3, { kind: "activated", plannedFor: 6 * minute })],
    },
  ],
};

/** From shortly before its two ends until every outcome has been reported. */
export const groupEnds: readonly Span[] = [2 * minute, 5 * minute].map((end) => ({
  from: historyStart + end - 4 * second,
  to: historyStart + end + 20 * second,
}));

export interface CrashPoint {
  /** The how-manieth port call since the start, and its name. */
  readonly index: number;
  readonly call: string;
  readonly when: "before" | "after";
}

const always: Span = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/** Every moment before and after a port call `during` which the process can die, in the order of an undisturbed run. */
export async function crashPoints(
  app: AppUnderTest,
  history = canonicalHistory,
  during: readonly Span[] = [always],
): Promise<CrashPoint[]> {
  const points: CrashPoint[] = [];
  let calls = 0;
  let seen = 0;
  const observe = (call: string, when: "before" | "after", time: number): boolean => {
    if (when === "before") calls += 1;
    const point = { index: seen, call, when };
    seen += 1;
    if (during.some(({ from, to }) => time >= from && time < to)) points.push(point);
    return false;
  };
  await runHistory(history, app, { observe });
  if (calls === 0) throw new Error("The history makes no port call: there is nothing to crash at.");
  return points;
}

export interface CrashResult {
  readonly point: CrashPoint;
  readonly verdict: Verdict;
  readonly problems: readonly string[];
}

/** The history with one death at `point` and a restart. Exactly one revoke per user must come of it. */
export async function crashAt(app: AppUnderTest, point: CrashPoint, history = canonicalHistory): Promise<CrashResult> {
  let seen = 0;
  let struck: string | undefined;
  const observe = (call: string): boolean => {
    const here = seen === point.index;
    seen += 1;
    if (here) struck = call;
    return here;
  };
  const verdict = await runHistory(history, app, { observe });
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
