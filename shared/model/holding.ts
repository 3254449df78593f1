import { z } from "zod";
import type { GraphTime } from "../base/clock.ts";
import { rowKey } from "../base/keys.ts";
import type { RoleInstance, RolePrivilege } from "../graph/graph.ts";
import { instantMs, instantMsCeil } from "../graph/instants-and-ids.ts";
import { graphTime, maybe, optional, rolePrivilege, text } from "../storage/table.ts";

/** Identifies a privilege of one principal: role, directory scope and app scope: GUIDs and paths, which have no line break. */
export const privilegeKey = ({ roleDefinitionId, directoryScopeId, appScopeId }: RolePrivilege): string =>
  `${roleDefinitionId}\n${directoryScopeId}\n${appScopeId}`;

export const samePrivilege = (a: RolePrivilege, b: RolePrivilege): boolean =>
  a.roleDefinitionId === b.roleDefinitionId &&
  a.directoryScopeId === b.directoryScopeId &&
  a.appScopeId === b.appScopeId;

/** The scope of an end that only the audit log reports: its rows name none. Only a holding for the whole directory surely covers it. */
export const unknownScope = "?";

/** Whether holding `wide` means holding `narrow`: the same role, at the same scope or for the whole directory. Never the reverse. */
export const covers = (wide: RolePrivilege, narrow: RolePrivilege): boolean =>
  wide.roleDefinitionId === narrow.roleDefinitionId &&
  wide.appScopeId === narrow.appScopeId &&
  (wide.directoryScopeId === narrow.directoryScopeId || wide.directoryScopeId === "/");

export function privilegeOf({ roleDefinitionId, directoryScopeId, appScopeId }: RolePrivilege): RolePrivilege {
  return { roleDefinitionId, directoryScopeId, appScopeId };
}

/**
 * Built-in roles whose ends are cut first and never wait for another end, by template id, most powerful first: by what a role can do to others (Entra docs:
 * built-in roles), not by the label "privileged" there, which Exchange Administrator lacks and Application Developer has.
 */
export const tierZero: readonly string[] = [
  "62e90394-69f5-4237-9190-012177145e10", // Global Administrator
  "e8611ab8-c189-46e8-94e1-60213ab1f814", // Privileged Role Administrator
  "7be44c8a-adaf-4e2a-84d6-ab2649e08a13", // Privileged Authentication Administrator
  "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2", // Hybrid Identity Administrator
  "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", // Application Administrator
  "158c047a-c907-4556-b7ef-446551a6b5f7", // Cloud Application Administrator
  "db506228-d27e-4b7d-95e5-295956d6615f", // Agent ID Administrator
  "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", // Conditional Access Administrator
  "194ae4cb-b126-40b2-bd5b-6091b380977d", // Security Administrator
  "fe930be7-5e62-47db-91af-98c3a49a38b1", // User Administrator
  "c4e39bd9-1100-46d3-8c65-fb160da0071f", // Authentication Administrator
  "29232cdf-9323-42fd-ade2-1d097af3e4de", // Exchange Administrator
  "f28a1f50-f6e7-4571-818b-6a12f2af6b6c", // SharePoint Administrator
  "3a2c62db-5318-420d-8d74-23affee5d9d5", // Intune Administrator
  "729827e3-9c14-49f7-bb1b-9608f156bbb8", // Helpdesk Administrator
  "966707d0-3269-4727-9be2-8c3a10f19b9d", // Password Administrator
  "8329153b-31d0-4727-b945-745eb3bc5f31", // Domain Name Administrator
  "be2f45a1-457d-42af-a067-6ec1fa63bc45", // External Identity Provider Administrator
  "9360feb5-f418-4baa-8175-e2a00bac4301", // Directory Writers
  "d29b2b05-8046-44ba-8758-1e26182fcf32", // Directory Synchronization Accounts
  "4ba39ca4-527c-499a-b93d-d9b492c50246", // Partner Tier1 Support
  "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8", // Partner Tier2 Support
];

const rank = new Map(tierZero.map((id, index) => [id, index]));

/** A smaller number is cut earlier when not all ends can be cut at once. */
export const roleRank = (roleDefinitionId: string): number => rank.get(roleDefinitionId) ?? tierZero.length;

/** Whether the end of this role is cut at once, without waiting for another end of the same user. */
export const isTierZero = (roleDefinitionId: string): boolean => rank.has(roleDefinitionId);

/** A principal's own rows in PIM's list, stale ones included, as sorted strings by which two answers can be compared. */
export const listedRows = (instances: readonly RoleInstance[]): readonly string[] =>
  instances
    .filter(isOwn)
    .map(({ roleAssignmentScheduleId, startDateTime, endDateTime, roleDefinitionId }) =>
      [roleAssignmentScheduleId, startDateTime, endDateTime, roleDefinitionId].join(" "),
    )
    .toSorted();

/** The end (null when permanent) and the role of a row made by `listedRows`. */
export function readListedRow(row: string): { readonly end: string | null; readonly roleDefinitionId: string } {
  const [, , end = "", roleDefinitionId = ""] = row.split(" ");
  return { end: end === "" ? null : end, roleDefinitionId };
}

/**
 * Whether the row is the principal's own and not given by a group. An activation is its holder's own even if a group made the holder eligible: PIM's list of
 * Azure roles once marked one as a group's (a public capture, Azure docs: roleAssignmentScheduleInstances); of directory roles nothing is documented.
 */
export const isOwn = ({ memberType, assignmentType }: Pick<RoleInstance, "memberType" | "assignmentType">): boolean =>
  memberType === "Direct" || assignmentType === "Activated";

/** One instance in PIM's list that gives a privilege. Graph repeats its `id` across activations, so schedule id and start identify it. */
const sourceSchema = z.object({
  scheduleId: text,
  /** As Graph writes it; null on permanent rows. */
  start: maybe(text),
  /** The latest end ever listed, since an extension moves it and a stale answer may bring the old one back. Null = permanent. */
  end: maybe(text),
  listedEnd: maybe(text),
  firstSeen: graphTime,
  /** Graph's time of the first answer whose list no longer shows this source; null while it is listed. */
  leftList: maybe(graphTime),
  /** The source has been off the list for `staleRow` (lag table) while the privilege was still shown: its end no longer counts. */
  isOver: z.boolean(),
});
export type Source = Readonly<z.infer<typeof sourceSchema>>;

const known = { ...rolePrivilege, key: text, firstSeen: graphTime, sources: z.array(sourceSchema).readonly() };

/** An unbroken run of answers that agree: Graph's times of the first and the newest. */
export const runSchema = z.object({ since: graphTime, last: graphTime });
export type Run = Readonly<z.infer<typeof runSchema>>;

/** The run of answers that do not show a privilege or a membership. */
export const absenceSchema = runSchema.extend({
  /** `signInSessionsValidFromDateTime` in the first of these answers, epoch milliseconds; null when Graph gave none. */
  sessionsValidFrom: maybe(z.number()),
  /** Graph's time of an earlier answer that still showed it. Known only for a group's roles and members; absent otherwise. */
  after: optional(graphTime),
  /** The signal that started the pass in which the run began, and so found the end. */
  by: optional(text),
});
export type Absence = Readonly<z.infer<typeof absenceSchema>>;

/** One privilege of one principal, from the first answer that shows it until its loss. */
export const holdingSchema = z.object({
  ...known,
  /** The group that alone still gave the privilege when the principal's own views denied it; null when the principal holds it directly. */
  group: maybe(
    z.object({ groupId: text, startDateTime: maybe(text), endDateTime: maybe(text), roleAssignmentScheduleId: text }),
  ),
  /** The run of answers in which no view shows it; null while one does. */
  absence: maybe(absenceSchema),
  /** An alarm has reported that Graph still shows it long after its end. */
  overdueRaised: z.boolean(),
});
export type Holding = Readonly<z.infer<typeof holdingSchema>>;

/** A holding that has ended. It is kept because replicas may still show its sources and the audit log reports its end later. */
export const endedHoldingSchema = z.object({
  ...known,
  endedAt: graphTime,
  cutOff: graphTime,
  /** The rule of `judge.ts` that decided; `group` when the group's own pass found the loss first; `audit` when only the audit log reported it. */
  rule: text,
  /** Graph's time of the first answer in which a replica shows it again; null while none does. */
  shownAgain: maybe(graphTime),
});
export type EndedHolding = Readonly<z.infer<typeof endedHoldingSchema>>;

export const isSourceOf = ({ scheduleId, start }: Pick<Source, "scheduleId" | "start">, row: RoleInstance): boolean =>
  scheduleId === row.roleAssignmentScheduleId && start === row.startDateTime;

/** A holding that begins with the answer of `date`. Its key contains that time, since the same privilege may be held many times. */
export function newHolding(held: RolePrivilege, date: GraphTime, group: Holding["group"] = null): Holding {
  const { roleDefinitionId, directoryScopeId, appScopeId } = held;
  const by = group === null ? "own" : rowKey("group", group.groupId);
  const key = rowKey(by, roleDefinitionId, directoryScopeId, appScopeId, new Date(date).toISOString());
  return { ...privilegeOf(held), key, firstSeen: date, sources: [], group, absence: null, overdueRaised: false };
}

export const later = (a: string | null, b: string | null): string | null =>
  a === null || b === null ? null : a !== b && instantMs(b) > instantMs(a) ? b : a;

/** Start and end, as Graph writes them, of the group's role or of the current source that ends last; null where there is none. */
export function termOf(holding: Pick<Holding, "sources" | "group">): Pick<Source, "start" | "end" | "listedEnd"> {
  const { group } = holding;
  if (group !== null) return { start: group.startDateTime, end: group.endDateTime, listedEnd: group.endDateTime };
  const longest = (last: Source | null, one: Source): Source | null =>
    one.isOver || (last !== null && later(last.end, one.end) === last.end) ? last : one;
  return holding.sources.reduce(longest, null) ?? { start: null, end: null, listedEnd: null };
}

/** An end that Graph announced as Graph's time, rounded up; null when it is permanent or there is none. */
export const endTime = (end: string | null): GraphTime | null => (end === null ? null : instantMsCeil(end));

/** That end as Graph's time. */
export const knownEnd = (holding: Holding): GraphTime | null => endTime(termOf(holding).end);

/** The end that Graph listed last for it, as Graph writes it; null = none. */
export const announcedEnd = (holding: Holding): string | null => termOf(holding).listedEnd;

/** Since when it was held, as far as known: the first answer that showed it, or an earlier start of a source. Graph's time, milliseconds. */
export const heldSince = ({ firstSeen, sources }: Pick<Holding, "firstSeen" | "sources">): GraphTime =>
  Math.min(firstSeen, ...sources.flatMap(({ start }) => (start === null ? [] : [instantMs(start)])));

export function endHolding(holding: Holding, date: GraphTime, rule: string): EndedHolding {
  const { group: _, absence, overdueRaised: __, ...known } = holding;
  return { ...known, endedAt: date, cutOff: absence?.since ?? date, rule, shownAgain: null };
}
