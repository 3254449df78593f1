import type { Answer } from "../http/answer.ts";
import type { Call } from "../http/call.ts";
import type { AppToken } from "../identity/app-tokens.ts";
import type { Cost } from "../quotas.ts";
import type { Tenant } from "../tenant.ts";

export interface GraphContext {
  readonly tenant: Tenant;
  readonly call: Call;
  readonly app: AppToken;
  /** The application permissions that the caller holds. */
  readonly permissions: readonly string[];
  /** What the path's groups matched, decoded. */
  readonly params: readonly string[];
}

/** One documented operation of Graph v1.0. */
export interface GraphEndpoint {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Matches the path after `/v1.0`. */
  readonly path: RegExp;
  /** Alternatives, each a set of application permissions that suffices together. */
  readonly permissions: readonly (readonly string[])[];
  /** Base cost by Graph docs: throttling-limits, before `$select`, `$expand` and `$top`. */
  readonly cost: Cost;
  handle(context: GraphContext): Answer | Promise<Answer>;
}

/** Any one of these permissions suffices. */
export function anyOf(...permissions: string[]): string[][] {
  return permissions.map((permission) => [permission]);
}
