import type { GroupPath, PrincipalReading, RoleInstance } from "../../../shared/graph/graph.ts";
import type { PrincipalScript } from "../history.ts";
import { between, type Random } from "../world/random.ts";
import { type Holding, resolveHolding, type Window, within } from "./holding.ts";
import { groupId, principalId, roleId, scheduleId, scopeOf } from "./ids.ts";
import { directoryRow, instanceRow, look, toDirectoryRow } from "./views.ts";

/** A moment from which on older sessions of a user are invalid. */
export interface SessionCut {
  readonly at: number;
  readonly by: "us" | "others";
}

export interface Principal {
  readonly script: PrincipalScript;
  readonly id: string;
  readonly index: number;
  readonly deletedAt: number;
  /** When some replicas do not know the user yet, or any more. */
  readonly missing: Window | null;
  readonly holdings: readonly Holding[];
  readonly cuts: SessionCut[];
}

/** The tenant as it truly is. Each read gets what some replica happens to know; see `holding.ts` for how wrong that may be. */
export class ModelTenant {
  readonly principals: readonly Principal[];
  readonly #byId: ReadonlyMap<string, Principal>;
  readonly #start: number;
  readonly #random: Random;

  constructor(scripts: readonly PrincipalScript[], start: number, random: Random) {
    this.#start = start;
    this.#random = random;
    this.principals = scripts.map((script, index) => resolvePrincipal(script, index, start));
    this.#byId = new Map(this.principals.map((principal) => [principal.id, principal]));
  }

  /** All active rows of the tenant. */
  list(time: number): RoleInstance[] {
    return [...this.principals.flatMap((principal) => this.#rows(principal, time).instances), ...this.#groupRows(time)];
  }

  read(id: string, time: number): PrincipalReading {
    const principal = this.#byId.get(id);
    if (principal !== undefined) return { ...this.#rows(principal, time), user: this.#user(principal, time) };
    const instances = this.#groupRows(time).filter(({ principalId: group }) => group === id);
    return { instances, directory: instances.map(toDirectoryRow), user: null };
  }

  paths(id: string, roleDefinitionIds: readonly string[], time: number): GroupPath[] {
    const principal = this.#byId.get(id);
    if (principal === undefined || time >= principal.deletedAt) return [];
    return pathsOf(principal, time)
      .map((holding) => groupRow(holding.role))
      .filter((row) => roleDefinitionIds.includes(row.roleDefinitionId))
      .map(({ principalId: group, ...row }) => ({ ...row, groupId: group }));
  }

  /** Whether the audit log has a row, which comes some seconds late, on the end of that role within ten minutes of `around`. */
  auditTells(id: string, role: string, around: number, time: number): boolean {
    const holdings = this.#byId.get(id)?.holdings ?? [];
    const ended = holdings.filter((holding) => roleId(holding.role) === role && holding.goneAt + 5_000 <= time);
    return ended.some(({ goneAt }) => Math.abs(goneAt - around) <= 600_000);
  }

  /** Cuts the user's sessions now; false when there is no such user (for this replica). */
  revoke(id: string, time: number): boolean {
    const principal = this.#byId.get(id);
    if (principal === undefined || this.#user(principal, time) === null) return false;
    // A guest's home tenant owns the session: the call is accepted and changes nothing here.
    principal.cuts.push({ at: time, by: "us" });
    principal.cuts.sort((one, other) => one.at - other.at);
    return true;
  }

  #groupRows(time: number): RoleInstance[] {
    const groups = this.principals.flatMap(({ holdings }) => holdings.filter(({ kind }) => kind === "throughGroup"));
    const roles = groups.filter(({ from }) => time >= from).map(({ role }) => role);
    return [...new Set(roles)].map(groupRow);
  }

  #rows(principal: Principal, time: number): Pick<PrincipalReading, "instances" | "directory"> {
    const instances: RoleInstance[] = [];
    const directory: PrincipalReading["directory"][number][] = [];
    for (const [index, holding] of principal.holdings.entries()) {
      if (holding.kind === "throughGroup" || time < holding.from) continue;
      const seen = look(holding, time, this.#random);
      if (seen.list) instances.push(instanceRow(holding, principal.index, index, time));
      if (seen.directory) directory.push(directoryRow(holding, principal.index));
    }
    return { instances, directory: [...new Map(directory.map((row) => [JSON.stringify(row), row])).values()] };
  }

  #user(principal: Principal, time: number): PrincipalReading["user"] {
    const { kind, readBackLag } = principal.script;
    const { missing } = principal;
    if (kind === "servicePrincipal" || time >= principal.deletedAt) return null;
    if (missing !== null && within(missing, time) && this.#random() < 0.8) return null;
    const seen = time - between(this.#random, 0, readBackLag + 1);
    const cut = principal.cuts.findLast((candidate) => candidate.at <= seen);
    const validFrom = cut === undefined ? this.#start - 86_400_000 : Math.floor(cut.at / 1000) * 1000;
    return { id: principal.id, external: kind === "guest", sessionsValidFrom: validFrom };
  }
}

function resolvePrincipal(script: PrincipalScript, index: number, start: number): Principal {
  const deletedAt = script.deletedAt === null ? null : start + script.deletedAt;
  const resolved = script.holdings.map((holding) => resolveHolding(holding, start, deletedAt));
  const missingFrom = start + (script.missing?.from ?? 0);
  return {
    script,
    id: principalId(index),
    index,
    deletedAt: deletedAt ?? Number.POSITIVE_INFINITY,
    missing: script.missing && { from: missingFrom, to: missingFrom + script.missing.for },
    holdings: withoutRepeatedKeys(resolved),
    cuts: othersCuts(script, resolved, start).sort((one, other) => one.at - other.at),
  };
}

/** A permanent row has the same key each time: it can only come again once the one before is forgotten. */
function withoutRepeatedKeys(holdings: readonly Holding[]): Holding[] {
  const kept: Holding[] = [];
  for (const holding of holdings) {
    if (holding.goneAt <= holding.from) continue;
    const clash = kept.some(
      (other) =>
        other.kind === "permanent" &&
        holding.kind === "permanent" &&
        other.role === holding.role &&
        other.scoped === holding.scoped &&
        holding.from < other.goneAt + 6 * 60_000 &&
        other.from < holding.goneAt + 6 * 60_000,
    );
    if (!clash) kept.push(holding);
  }
  return kept;
}

function othersCuts(script: PrincipalScript, holdings: readonly Holding[], start: number): SessionCut[] {
  const afterEnds = holdings.flatMap(({ goneAt }, index) => {
    const after = script.holdings[index]?.othersRevokeAfterEnd ?? null;
    return after === null || !Number.isFinite(goneAt) ? [] : [goneAt + after];
  });
  return [...script.othersRevokeAt.map((at) => start + at), ...afterEnds].map((at) => ({ at, by: "others" }));
}

/** Memberships are read from one place: they come and go at once. */
const pathsOf = (principal: Principal, time: number): Holding[] =>
  principal.holdings.filter(
    (holding) => holding.kind === "throughGroup" && time >= holding.from && time < holding.goneAt,
  );

const groupRow = (role: number): RoleInstance => ({
  principalId: groupId(role),
  roleDefinitionId: roleId(role),
  directoryScopeId: scopeOf(false),
  appScopeId: "",
  startDateTime: null,
  endDateTime: null,
  assignmentType: "Assigned",
  memberType: "Direct",
  roleAssignmentScheduleId: scheduleId(9_000, role, 9),
});
