import type { Breach, Evidence } from "./evidence.ts";

/** No call of the kind that Graph asked a process not to send, for as long as it asked: even refused ones count against the quota. */
export function leftAlone({ sent, throttled }: Evidence): Breach[] {
  const asked = throttled.toSorted((one, other) => one.at - other.at);
  const until = new Map<string, number>();
  let next = 0;
  return sent.flatMap(({ by, quota, at }): Breach[] => {
    for (let answer = asked[next]; answer !== undefined && answer.at < at; answer = asked[next]) {
      const kind = kindOf(answer);
      until.set(kind, Math.max(until.get(kind) ?? 0, answer.until));
      next += 1;
    }
    const left = (until.get(kindOf({ by, quota })) ?? 0) - at;
    if (left <= 0) return [];
    const why = `${by} sent a ${quota} although Graph wanted none for another ${left} ms`;
    return [{ promise: "never a storm", principalId: "", at, why }];
  });
}

const kindOf = ({ by, quota }: { readonly by: string; readonly quota: string }): string => `${by} ${quota}`;
