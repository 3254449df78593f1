import type { AuditQuery, AuditRow } from "../../../shared/graph/directory-audits.ts";
import type { DirectoryAssignment, GroupPath, PrincipalReading, RoleInstance } from "../../../shared/graph/graph.ts";
import type { History, PrincipalScript } from "../history.ts";
import { between, type Random } from "../world/random.ts";
import { assumed } from "./assumed.ts";
import { auditRows, type TimedRow } from "./audit-rows.ts";
import { type Group, groupPath, groupRows, memberRows, nest, resolveGroup } from "./groups.ts";
import { type Holding, resolveHolding, type Window, within } from "./holding.ts";
import { principalId, roleId } from "./ids.ts";
import { directoryRow, instanceRow, shownIn } from "./views.ts";

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
  readonly missing: readonly Window[];
  readonly holdings: readonly Holding[];
  readonly cuts: SessionCut[];
}

const noRows = { instances: [], directory: [] };

/** The tenant as it truly is. Each read gets what some replica happens to know; see `holding.ts` for how wrong that may be. */
export class ModelTenant {
  readonly principals: readonly Principal[];
  readonly groups: readonly Group[];
  readonly #audits: readonly TimedRow[];
  readonly #byId: ReadonlyMap<string, Principal>;
  readonly #auditLag: number;
  readonly #listsMembers: boolean;
  readonly #start: number;
  readonly #random: Random;

  constructor(
    {
      principals: scripts,
      groups,
      auditLag,
      listsMembers,
    }: Pick<History, "principals" | "groups" | "auditLag" | "listsMembers">,
    start: number,
    random: Random,
  ) {
    this.#auditLag = auditLag;
    this.#listsMembers = listsMembers;
    this.#start = start;
    this.#random = random;
    const deletions = scripts.map(({ deletedAt }) => (deletedAt === null ? null : start + deletedAt));
    this.groups = nest(
      groups,
      groups.map((group, index) => resolveGroup(group, index, start, deletions)),
      start,
    );
    this.principals = scripts.map((script, index) => resolvePrincipal(script, index, start));
    this.#audits = auditRows(this.principals, this.groups);
    this.#byId = new Map(this.principals.map((principal) => [principal.id, principal]));
  }

  /** All active rows of the tenant. */
  list(time: number): RoleInstance[] {
    const rows: RoleInstance[] = [];
    for (const principal of this.principals) rows.push(...this.#rows(principal, time).instances);
    for (const group of this.groups) rows.push(...groupRows(group, time, this.#random).instances);
    if (this.#listsMembers) for (const principal of this.principals) rows.push(...this.#inherited(principal, time));
    return rows;
  }

  read(id: string, time: number): PrincipalReading {
    const principal = this.#byId.get(id);
    if (principal !== undefined) {
      const { instances, directory } = this.#rows(principal, time);
      const listed = [...instances, ...this.#inherited(principal, time)];
      return { instances: listed, directory, user: this.#user(principal, time) };
    }
    const group = this.group(id);
    return { ...(group === undefined ? noRows : groupRows(group, time, this.#random)), user: null };
  }

  paths(id: string, roleDefinitionIds: readonly string[], time: number): GroupPath[] {
    const principal = this.#byId.get(id);
    if (principal === undefined || time >= principal.deletedAt) return [];
    return this.groups
      .flatMap((group) => groupPath(group, principal.index, time, this.#random))
      .filter((path) => roleDefinitionIds.includes(path.roleDefinitionId));
  }

  group(id: string): Group | undefined {
    return this.groups.find((group) => group.id === id);
  }

  /** Those who joined at or after `since`, a whole second, as far as the audit log shows some seconds later. */
  joinedSince(id: string, principals: readonly string[], since: number, time: number): string[] {
    const joined = this.group(id)?.stays.filter(
      ({ access, from, nested }) => access === "member" && !nested && from >= since && from + this.#auditLag <= time,
    );
    const ids = new Set(joined?.map(({ principal }) => principalId(principal)));
    return principals.filter((principal) => ids.has(principal));
  }

  /**
   * Whether the audit log has a row, which comes some seconds late, on the end within ten minutes of `around` of a role of this user or group, or
   * of the user's membership in a group.
   */
  auditReports(id: string, roleOrGroup: string, around: number, time: number): boolean {
    const own = this.#byId.get(id);
    const held = this.group(id)?.holding ?? null;
    const holdings = [...(own?.holdings ?? []), ...(held === null ? [] : [held])];
    const stays = this.group(roleOrGroup)?.stays.filter(({ principal }) => principal === own?.index) ?? [];
    const ended = [...holdings.filter(({ role }) => roleId(role) === roleOrGroup), ...stays];
    return ended.some(({ goneAt }) => goneAt + this.#auditLag <= time && Math.abs(goneAt - around) <= 600_000);
  }

  /** The audit log's rows of `since` to `until`, as far as it shows them. */
  audits({ since, until = Number.POSITIVE_INFINITY }: AuditQuery, time: number): AuditRow[] {
    return this.#audits
      .filter(({ at, late }) => at >= since && at <= until && at + late + this.#auditLag <= time)
      .map(({ row }) => row);
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

  #rows(principal: Principal, time: number): Pick<PrincipalReading, "instances" | "directory"> {
    const instances: RoleInstance[] = [];
    const directory: DirectoryAssignment[] = [];
    for (const [index, holding] of principal.holdings.entries()) {
      if (time < holding.from) continue;
      const seen = shownIn(holding, time, this.#random);
      if (seen.list) instances.push(instanceRow(holding, { id: principal.id, number: principal.index }, index, time));
      const row = seen.directory ? directoryRow(holding, principal.index) : undefined;
      // The directory has one assignment of a role in a scope, whatever gave it.
      if (row !== undefined && !directory.some((other) => isSameRole(row, other))) directory.push(row);
    }
    return { instances, directory };
  }

  /** The rows that the list has of this member for what groups hold. */
  #inherited({ id, index }: Principal, time: number): RoleInstance[] {
    if (!this.#listsMembers) return [];
    return this.groups.flatMap((group) => memberRows(group, { id, number: index }, time, this.#random));
  }

  #user(principal: Principal, time: number): PrincipalReading["user"] {
    const { kind, readBackLag } = principal.script;
    const { missing } = principal;
    if (kind === "servicePrincipal" || time >= principal.deletedAt) return null;
    if (missing.some((window) => within(window, time)) && this.#random() < 0.8) return null;
    const seen = time - between(this.#random, 0, readBackLag + 1);
    const cut = principal.cuts.findLast((candidate) => candidate.at <= seen);
    const validFrom = cut === undefined ? this.#start - 86_400_000 : Math.floor(cut.at / 1000) * 1000;
    return { id: principal.id, external: kind === "guest", restricted: false, sessionsValidFrom: validFrom };
  }
}

const isSameRole = (one: DirectoryAssignment, other: DirectoryAssignment): boolean =>
  one.roleDefinitionId === other.roleDefinitionId && one.directoryScopeId === other.directoryScopeId;

function resolvePrincipal(script: PrincipalScript, index: number, start: number): Principal {
  const deletedAt = script.deletedAt === null ? null : start + script.deletedAt;
  const resolved = script.holdings.map((holding) => resolveHolding(holding, start, deletedAt));
  return {
    script,
    id: principalId(index),
    index,
    deletedAt: deletedAt ?? Number.POSITIVE_INFINITY,
    missing: apart(script.missing.map(({ from, for: length }) => ({ from: start + from, to: start + from + length }))),
    holdings: withoutRepeatedKeys(resolved),
    cuts: othersCuts(script, resolved, start).sort((one, other) => one.at - other.at),
  };
}

/** Two lags that are closer than the app can distinguish are one: only the first is kept. */
const apart = (windows: readonly Window[]): Window[] =>
  windows
    .toSorted((one, other) => one.from - other.from)
    .filter(({ from }, index, all) => from > (all[index - 1]?.to ?? Number.NEGATIVE_INFINITY) + assumed.oneLag);

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
