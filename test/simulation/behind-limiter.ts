import { GraphRetryableError } from "../../shared/graph/errors.ts";
import type { Limiter, QuotaClass } from "../../shared/graph/pace.ts";
import type { Ports } from "./world/app.ts";

type Gateway = Pick<Ports, "graph" | "groups" | "auditLog">;

/** The simulated ports as the gateway guards them: every call asks a limiter first, and reports each 429 to it. Reports have a quota of their own. */
export function behindLimiter(
  { graph, groups, auditLog }: Gateway,
  limiters: { readonly graph: Limiter; readonly reports: Limiter },
): Gateway {
  const read = guard(limiters.graph, "read");
  const write = guard(limiters.graph, "write");
  const report = guard(limiters.reports, "read");
  return {
    graph: {
      listRoleInstances: read(graph.listRoleInstances),
      readPrincipal: read(graph.readPrincipal),
      readGroupPaths: read(graph.readGroupPaths),
      revokeSignInSessions: write(graph.revokeSignInSessions),
    },
    groups: {
      readGroup: read(groups.readGroup),
      readHolders: read(groups.readHolders),
      readAccess: read(groups.readAccess),
      readIsHolder: read(groups.readIsHolder),
      listAssignableGroups: read(groups.listAssignableGroups),
    },
    auditLog: {
      rows: report(auditLog.rows),
      ended: report(auditLog.ended),
      joinedSince: report(auditLog.joinedSince),
    },
  };
}

const guard =
  (limiter: Limiter, quota: QuotaClass) =>
  <A extends readonly unknown[], R>(call: (...given: A) => Promise<R>) =>
  async (...given: A): Promise<R> => {
    limiter.admit(quota);
    try {
      return await call(...given);
    } catch (error) {
      const { reason, retryAfter } = error instanceof GraphRetryableError ? error : {};
      if (reason === "throttled" && retryAfter !== undefined) limiter.hold(quota, retryAfter);
      throw error;
    }
  };
