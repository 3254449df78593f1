import { firstFrom, firstTime, type History, holding } from "./history.ts";
import type { Call } from "./input/read-call.ts";
import type { JudgedEnd } from "./judge-ends.ts";

/** Successful calls after the end of a role, with a token that was issued before it and claims the role. */
export interface Survival {
  calls: number;
  /** Epoch milliseconds. */
  first: number;
  last: number;
  /** The first few, as read. */
  readonly examples: Pick<Call, "at" | "tokenIssuedAt" | "method" | "uri">[];
}

export interface ActivityJoin {
  take(call: Call): void;
  readonly survivals: ReadonlyMap<JudgedEnd, Survival>;
  /** By user id. A token with two ended roles is still one call. */
  readonly survivingCalls: ReadonlyMap<string, number>;
}

const EXAMPLES = 3;

/** Joins calls to the role ends that their tokens outlived. Grows with the ends, not with the calls. */
export function createActivityJoin(judged: readonly JudgedEnd[], { activations }: History): ActivityJoin {
  const survivals = new Map<JudgedEnd, Survival>();
  const survivingCalls = new Map<string, number>();
  const users = new Set<string>();
  const byHolding = new Map<string, JudgedEnd[]>();
  for (const one of judged) {
    if (one.end.kind !== "roleEnd") continue;
    users.add(one.end.principalId);
    const key = holding(one.end.principalId, one.end.roleDefinitionId);
    const known = byHolding.get(key);
    if (known) known.push(one);
    else byHolding.set(key, [one]);
  }

  /** The latest end that lies between the token and the call, unless the role was activated again before the call. */
  const outlived = (call: Call, role: string): JudgedEnd | undefined => {
    const key = holding(call.userId, role);
    const ends = byHolding.get(key) ?? [];
    const one = ends[firstFrom(ends, call.at, ({ end }) => end.at) - 1];
    if (one === undefined || call.tokenIssuedAt >= one.end.at) return undefined;
    return firstTime(activations.get(key) ?? [], one.end.at) <= call.at ? undefined : one;
  };

  return {
    survivals,
    survivingCalls,
    take(call) {
      if (!call.isSuccess || !users.has(call.userId)) return;
      const ends = [...new Set(call.wids)].map((role) => outlived(call, role)).filter((one) => one !== undefined);
      for (const one of ends) count(survivals, one, call);
      if (ends.length > 0) survivingCalls.set(call.userId, (survivingCalls.get(call.userId) ?? 0) + 1);
    },
  };
}

function count(survivals: Map<JudgedEnd, Survival>, one: JudgedEnd, call: Call): void {
  const survival = survivals.get(one) ?? { calls: 0, first: call.at, last: call.at, examples: [] };
  survivals.set(one, survival);
  survival.calls += 1;
  survival.first = Math.min(survival.first, call.at);
  survival.last = Math.max(survival.last, call.at);
  const { at, tokenIssuedAt, method, uri } = call;
  if (survival.examples.length < EXAMPLES) survival.examples.push({ at, tokenIssuedAt, method, uri });
}
