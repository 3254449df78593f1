import type { FaultKind, When } from "../faults.ts";
import { graphError } from "../graph/graph-error.ts";
import type { Tenant } from "../tenant.ts";
import type { Answer, Outcome } from "./answer.ts";
import { type Call, pathOf } from "./call.ts";

/**
 * Carries out a call under the faults that were asked for. A 429 with `Retry-After` is remembered for the whole workload (the
 * first segment after the version), as Microsoft's Dev Proxy does: calling again too soon is answered with 429 again.
 */
export async function withFaults(tenant: Tenant, call: Call, carryOut: () => Promise<Outcome>): Promise<Outcome> {
  const workload = call.url.pathname.split("/").slice(0, 3).join("/");
  const wait = tenant.faults.mustWait(workload);
  if (wait > 0) return refusal(tenant, call, { statuses: [429], code: null, retryAfterSeconds: wait });

  const seen = { method: call.method, path: pathOf(call) };
  const faults = tenant.faults.strike(seen);
  const suffer = async (when: When, carriedOut?: Outcome): Promise<Outcome | undefined> => {
    for (const fault of faults.filter((fault) => fault.when === when)) {
      tenant.history.record({ event: "faultApplied", ...seen, kind: fault.kind, when });
      const outcome = await inflict(tenant, call, fault, carriedOut);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  };

  const before = await suffer("beforeEffect");
  if (before !== undefined) {
    rememberWait(tenant, workload, before);
    return before;
  }
  tenant.clock.settle();
  const outcome = await carryOut();
  return (await suffer("afterEffect", outcome)) ?? outcome;
}

async function inflict(
  tenant: Tenant,
  call: Call,
  fault: FaultKind,
  carriedOut: Outcome | undefined,
): Promise<Outcome | undefined> {
  switch (fault.kind) {
    case "status":
      return refusal(tenant, call, fault);
    case "drop":
      return "drop";
    case "hang":
      return new Promise<never>(() => {});
    case "latency":
      await new Promise((resolve) => setTimeout(resolve, fault.milliseconds));
      return undefined;
    case "truncate":
      return carriedOut === undefined || carriedOut === "drop" ? carriedOut : { ...carriedOut, isTruncated: true };
  }
}

const codes: Record<number, string> = {
  429: "TooManyRequests",
  500: "InternalServerError",
  502: "BadGateway",
  503: "ServiceUnavailable",
  504: "GatewayTimeout",
  507: "InsufficientStorage",
};

function refusal(
  tenant: Tenant,
  call: Call,
  fault: { statuses: number[]; code: string | null; retryAfterSeconds: number | null },
): Answer {
  const { statuses, code, retryAfterSeconds } = fault;
  const status = statuses[tenant.random.integer(0, statuses.length - 1)] ?? 500;
  const answer = graphError(tenant, call, status, code ?? codes[status] ?? "UnknownError", "A simulated failure.");
  const saysWhen = status === 429 || status === 503;
  if (saysWhen && retryAfterSeconds !== null) answer.headers["Retry-After"] = String(retryAfterSeconds);
  return answer;
}

function rememberWait(tenant: Tenant, workload: string, outcome: Outcome): void {
  if (outcome === "drop" || outcome.status !== 429) return;
  const seconds = Number(outcome.headers["Retry-After"]);
  if (seconds > 0) tenant.faults.remember(workload, seconds);
}
