import { z } from "zod";
import { canonicalInstant, isGuid, isInstant } from "../graph/instants-and-ids.ts";

/** One row of Entra's audit log, from the stream or from Graph. Its values may contain names of people: only ids may be logged. */
export interface AuditRecord {
  /** Identifies the row; correlation ids do not, since different rows share them. */
  readonly id: string;
  /** Lower case; null when the row has none, as all of Graph's rows. */
  readonly tenantId: string | null;
  /** `activityDisplayName`, as written. */
  readonly activity: string;
  /** `activityDateTime` in UTC (see `canonicalInstant`). */
  readonly occurredAt: string;
  /** Lower case, `""` when absent. */
  readonly result: string;
  /** `loggedByService`, as written, `""` when absent. */
  readonly service: string;
  /** The audit category, as written, `""` when absent. */
  readonly category: string;
  /** `initiatedBy.user.id`, lower case; null when absent. Used only for elevated access, since users can elevate only themselves. */
  readonly initiatorId: string | null;
  readonly targets: readonly AuditTarget[];
  readonly details: readonly AuditDetail[];
}

/** One entry of `targetResources`. Their order means nothing: a row of PIM has up to nine. */
interface AuditTarget {
  /** Lower case if it is a GUID; null when absent. */
  readonly id: string | null;
  /** Lower case, e.g. `user`; `""` when absent. */
  readonly type: string;
  readonly properties: readonly ModifiedProperty[];
}

/** One entry of `modifiedProperties`; null stands for absent. */
interface ModifiedProperty {
  readonly name: string;
  readonly oldValue: unknown;
  readonly newValue: unknown;
}

/** One entry of `additionalDetails`. */
interface AuditDetail {
  readonly key: string;
  readonly value: unknown;
}

/** A record that could not be read: its position and its first invalid field, never its content. */
export interface AuditProblem {
  /** e.g. `messages[2].records[5]` or `rows[3]` */
  readonly position: string;
  /** e.g. `properties.targetResources.0.id` */
  readonly place: string;
}

export interface ParsedAudits {
  readonly records: readonly AuditRecord[];
  readonly problems: readonly AuditProblem[];
}

export type PrincipalType = "user" | "group" | "servicePrincipal";

export interface AuditPrincipal {
  readonly id: string;
  readonly type: PrincipalType;
}

const principalTypes: ReadonlyMap<string, PrincipalType> = new Map([
  ["user", "user"],
  ["group", "group"],
  ["serviceprincipal", "servicePrincipal"],
]);

/** Targets that can hold a role, each once (twice when the row gives it two types). Found by `type`, never by position: a row of PIM has up to nine. */
export function principalsAmong({ targets }: AuditRecord): readonly AuditPrincipal[] {
  const found = new Map<string, AuditPrincipal>();
  for (const { id, type: written } of targets) {
    const type = principalTypes.get(written);
    if (type !== undefined && id !== null && isGuid(id)) found.set(`${type} ${id}`, { id, type });
  }
  return [...found.values()];
}

/** Role template ids of a Core Directory removal, from the old values. `Role.ObjectID` is another object's id and not used. */
export function removedRoles({ targets }: AuditRecord): readonly string[] {
  const properties = targets.flatMap((target) => target.properties);
  return guids(properties.filter(({ name }) => name === "Role.TemplateId").map(({ oldValue }) => oldValue));
}

/** Role template ids in a row of PIM, from its target of type `Role` and from its details. */
export function pimRoles({ targets, details }: AuditRecord): readonly string[] {
  const properties = targets.filter(({ type }) => type === "role").flatMap((target) => target.properties);
  return guids([
    ...properties.filter(({ name }) => name === "TemplateId").flatMap(({ oldValue, newValue }) => [oldValue, newValue]),
    ...detailsNamed(details, "TemplateId"),
  ]);
}

/** `roleAssignmentScheduleId` of the ended assignment; null when the row does not say. */
export function scheduleOf({ details }: AuditRecord): string | null {
  const [only, ...more] = guids(detailsNamed(details, "RoleAssignmentRequestId"));
  return more.length === 0 ? (only ?? null) : null;
}

const detailsNamed = (details: AuditRecord["details"], key: string): unknown[] =>
  details.filter((detail) => detail.key === key).map(({ value }) => value);

function guids(values: readonly unknown[]): readonly string[] {
  const found = values.filter((value) => typeof value === "string").filter(isGuid);
  return [...new Set(found.map((value) => value.toLowerCase()))];
}

/** Pipelines that reformat the stream write a space for the `T` and drop the zone. Entra's audit log is in UTC. */
const zoned = (text: string): string => (/(?:Z|[+-]\d{2}:\d{2})$/i.test(text) ? text : `${text}Z`);

/** A time of any precision, made canonical (see `canonicalInstant`). */
export const auditTime = z.string().transform(zoned).refine(isInstant, "no date and time").transform(canonicalInstant);

/**
 * Unwraps a value of the audit log. Most values are JSON inside a string (`"\"fe93...\""`); bare ones (`DirectorySync` in Graph docs:
 * directoryaudit-list) stay as they are. Bare digits stay text.
 */
export function decodeValue(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*["[{]/.test(value)) return value ?? null;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
