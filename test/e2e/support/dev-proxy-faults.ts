import type { TenantClient } from "../../../local/tenant/client.ts";

/** The tenant remembers a wait that it asked for, and answers whoever comes sooner with 429 again. */
const retryAfterSeconds = 5;

const statuses = {
  GET: [429, 500, 502, 503, 504],
  POST: [429, 500, 502, 503, 504, 507],
} as const;

/**
 * Half of the calls fail before they take effect, as Microsoft's Dev Proxy makes them fail (Dev Proxy docs: GraphRandomErrorPlugin). A batch
 * fails as a whole, and each item in it by itself.
 * @param path regular expression
 */
export const failHalf = (control: TenantClient, method: "GET" | "POST", path: string) =>
  control.addFault({
    method,
    path,
    rate: 0.5,
    fault: { kind: "status", statuses: [...statuses[method]], retryAfterSeconds },
  });
