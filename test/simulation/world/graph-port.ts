import {
  type GraphError,
  GraphPermanentError,
  GraphRetryableError,
  GraphUncertainError,
} from "../../../shared/graph/errors.ts";
import type { Dated, Graph, GroupGraph, GroupHolders, RoleInstance } from "../../../shared/graph/graph.ts";
import type { FaultWindow } from "../history.ts";
import type { SentCall } from "../judge/evidence.ts";
import { groupAccess, groupHolders } from "../tenant/groups.ts";
import type { ModelTenant } from "../tenant/model-tenant.ts";
import type { AuditLog, Ports } from "./app.ts";
import type { Instance } from "./instance.ts";
import { type CallContext, type Course, callThroughNetwork } from "./port-call.ts";

/** The `revokeSignInSessions` calls that reached the tenant, and all calls that were sent, for the judge. */
export interface GraphLog {
  readonly revokes: { readonly user: string; readonly sentAt: number; readonly appliedAt: number }[];
  readonly sent: SentCall[];
  /** Answers that asked to be left alone: when they came to the process. */
  readonly throttled: (SentCall & { readonly until: number })[];
}

const nobody: GroupHolders = { exists: false, members: [], owners: [] };
/** Graph counts reads, writes and reports apart (Graph docs: throttling-limits). */
const quotaOf = (call: string): SentCall["quota"] =>
  call === "revokeSignInSessions" ? "write" : call === "readDirectoryAudits" ? "report" : "read";

const latency = [15, 140] as const;
const timeout = 10_000;

/** The model tenant behind the core's port: answers take time, get lost, or are errors. `Date` is the tenant's time in whole seconds. */
export function graphPort(
  context: CallContext,
  tenant: ModelTenant,
  log: GraphLog,
  instance: Instance,
): Pick<Ports, "graph" | "groups" | "auditLog"> {
  const { time, faults, random } = context;
  const dated = <T>(value: T): Dated<T> => ({
    value,
    date: Math.floor(time.now() / 1000) * 1000,
    at: instance.clock.monotonic(),
  });
  const call = async <T>(name: string, choose: () => Course<Dated<T>>): Promise<Dated<T>> => {
    const noted = () => ({ by: instance.name, quota: quotaOf(name), at: time.now() });
    try {
      const answer = await callThroughNetwork(context, instance, `graph.${name}`, () => {
        log.sent.push(noted());
        return choose();
      });
      return { ...answer, at: instance.clock.monotonic() };
    } catch (error) {
      if (error instanceof GraphRetryableError && error.retryAfter !== undefined) {
        log.throttled.push({ ...noted(), until: time.now() + error.retryAfter });
      }
      throw error;
    }
  };

  const readFault = (): Pick<Course<never>, "instead"> | undefined => {
    const fault = faults.strike(["graphThrottled", "graphUnavailable", "graphTimeout"], time.now());
    return fault && { instead: { error: errorOf(fault), after: fault.kind === "graphTimeout" ? timeout : 60 } };
  };
  const read = <T>(name: string, answer: () => T): Promise<Dated<T>> =>
    call(name, () => {
      const instead = readFault()?.instead;
      if (instead !== undefined) return { latency, effect: undefined, instead };
      return { latency, effect: () => ({ value: dated(answer()) }) };
    });

  const shifted = (rows: RoleInstance[]): RoleInstance[] =>
    faults.strike(["listPagesShift"], time.now()) === undefined
      ? rows
      : rows.flatMap((row) => (random() < 0.2 ? [] : random() < 0.2 ? [row, row] : [row]));

  const graph: Graph = {
    listRoleInstances: () => read("listRoleInstances", () => shifted(tenant.list(time.now()))),
    readPrincipal: (id) => read("readPrincipal", () => tenant.read(id, time.now())),
    readGroupPaths: (id, roles) => read("readGroupPaths", () => tenant.paths(id, roles, time.now())),
    revokeSignInSessions: (user) =>
      call("revokeSignInSessions", () => {
        const sentAt = time.now();
        const refused = faults.strike(["graphThrottled", "revokeForbidden"], sentAt);
        if (refused !== undefined) {
          return { latency, effect: undefined, instead: { error: errorOf(refused), after: 60 } };
        }
        const apply = () => {
          if (!tenant.revoke(user, time.now())) {
            return {
              error: new GraphPermanentError("No such user.", { code: "Request_ResourceNotFound", status: 404 }),
            };
          }
          log.revokes.push({ user, sentAt, appliedAt: time.now() });
          return { value: dated(undefined) };
        };
        const lost = faults.strike(
          [
            "graphUnavailable",
            "graphTimeout",
            "revokeAppliedThenTimeout",
            "revokeAppliedThenLost",
            "revokeHungThenApplied",
          ],
          sentAt,
        );
        if (lost === undefined) return { latency, effect: apply };
        const error = new GraphUncertainError("No answer.", { code: "timeout" });
        const quick = lost.kind === "revokeAppliedThenLost" || lost.kind === "graphUnavailable";
        const never = lost.kind === "graphUnavailable" || lost.kind === "graphTimeout";
        const late = lost.kind === "revokeHungThenApplied" ? 9_000 : 0;
        const instead = { error, after: quick ? 300 : timeout };
        return { latency, effect: never ? undefined : apply, instead, late };
      }),
  };
  const groups: GroupGraph = {
    readGroup: (id) =>
      read("readGroup", () => (tenant.group(id) === undefined ? null : { id, assignableToRole: true })),
    readHolders: (id) =>
      read("readHolders", () => {
        const group = tenant.group(id);
        return group === undefined ? nobody : groupHolders(group, time.now());
      }),
    readAccess: (of) =>
      read("readAccess", () =>
        tenant.groups
          .flatMap((group) => groupAccess(group, time.now()))
          .filter((row) => ("groupId" in of ? row.groupId === of.groupId : row.principalId === of.principalId)),
      ),
    readIsHolder: ({ principalId, groupId, access }) =>
      read("readIsHolder", () => {
        const group = tenant.group(groupId);
        const { members, owners } = group === undefined ? nobody : groupHolders(group, time.now());
        return (access === "owner" ? owners : members).includes(principalId);
      }),
    listAssignableGroups: () => read("listAssignableGroups", () => tenant.groups.map(({ id }) => id)),
  };
  const audits = async <T>(answer: () => T): Promise<T> => (await read("readDirectoryAudits", answer)).value;
  const auditLog: AuditLog = {
    rows: (query) => read("readDirectoryAudits", () => tenant.audits(query, time.now())),
    ended: (id, roleOrGroup, around) => audits(() => tenant.auditReports(id, roleOrGroup, around, time.now())),
    joinedSince: (group, ids, since) => audits(() => new Set(tenant.joinedSince(group, ids, since, time.now()))),
  };
  return { graph, groups, auditLog };
}

function errorOf(fault: FaultWindow): GraphError {
  if (fault.kind === "graphThrottled") {
    const retryAfter = fault.seconds * 1000;
    return new GraphRetryableError("Throttled.", {
      code: "TooManyRequests",
      status: 429,
      reason: "throttled",
      retryAfter,
    });
  }
  if (fault.kind === "revokeForbidden") {
    return new GraphPermanentError("Forbidden.", { code: "Authorization_RequestDenied", status: 403 });
  }
  return new GraphRetryableError("Unavailable.", { code: "ServiceUnavailable", status: 503, reason: "unavailable" });
}
