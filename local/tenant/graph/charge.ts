import type { Answer } from "../http/answer.ts";
import { type Call, pathOf } from "../http/call.ts";
import type { Cost } from "../quotas.ts";
import type { Tenant } from "../tenant.ts";
import { graphError } from "./graph-error.ts";

/** The cost of a call by Graph docs: throttling-limits: its base, changed by the query, never below 1. Reports count by the call. */
export function costOf(base: Cost, query: URLSearchParams): Cost {
  if (base.reports) return base;
  const top = query.get("$top");
  const less = (query.has("$select") ? 1 : 0) + (top !== null && Number(top) < 20 ? 1 : 0);
  return { units: Math.max(1, base.units - less + (query.has("$expand") ? 1 : 0)), writes: base.writes };
}

/** Takes the cost from the quotas. Says 429 when it does not fit, otherwise which headers the answer needs. */
export function charge(
  tenant: Tenant,
  call: Call,
  appId: string,
  cost: Cost,
): { refused: Answer } | { headers: Record<string, string> } {
  const throttled = tenant.quotas.take(cost);
  if (throttled === null) {
    if (cost.reports) return { headers: {} };
    const used = tenant.quotas.used();
    const warning = used > 0.8 ? { "x-ms-throttle-limit-percentage": used.toFixed(2) } : {};
    return { headers: { "x-ms-resource-unit": String(cost.units), ...warning } };
  }
  const { information, retryAfterSeconds } = throttled;
  tenant.history.record({ event: "throttled", method: call.method, path: pathOf(call), information });
  const refused = graphError(tenant, call, 429, "TooManyRequests", "Too many requests.");
  refused.headers["Retry-After"] = String(retryAfterSeconds);
  // Only identity calls are documented to say more.
  if (cost.reports) return { refused };
  const limit = information === "WriteLimitExceeded" ? "Write" : "ReadWrite";
  refused.headers["x-ms-throttle-scope"] = `Tenant_Application/${limit}/${appId}/${tenant.identity.tenantId}`;
  refused.headers["x-ms-throttle-information"] = information;
  return { refused };
}
