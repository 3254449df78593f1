import { isGuid } from "../graph/guid.ts";
import type { AuditRecord } from "../signals/audit-record.ts";

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

/** Everyone among the targets who can hold a role, each once (twice when two types are told). By `type`, never by position: a row of PIM has up to nine targets. */
export function principalsAmong({ targets }: AuditRecord): readonly AuditPrincipal[] {
  const found = new Map<string, AuditPrincipal>();
  for (const { id, type: written } of targets) {
    const type = principalTypes.get(written);
    if (type !== undefined && id !== null && isGuid(id)) found.set(`${type} ${id}`, { id, type });
  }
  return [...found.values()];
}

/** Role template ids of a Core Directory removal. `Role.ObjectID` is another object; a removal has no new value. */
export function removedRoles({ targets }: AuditRecord): readonly string[] {
  const properties = targets.flatMap((target) => target.properties);
  return guids(properties.filter(({ name }) => name === "Role.TemplateId").map(({ oldValue }) => oldValue));
}

/** Role template ids that a row of PIM names, in its target of type `Role` and in its details. */
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
