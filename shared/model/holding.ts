import { z } from "zod";
import type { GraphTime } from "../base/clock.ts";
import { rowKey } from "../base/keys.ts";
import type { RoleInstance, RolePrivilege } from "../graph/graph.ts";
import { instantMs, instantMsCeil } from "../graph/instants-and-ids.ts";
import { graphTime, maybe, optional, text } from "../storage/rows.ts";
import { rolePrivilege } from "./privilege.ts";

/** What gives a privilege in PIM's list: one instance. Its `id` repeats across activations, so schedule id and start identify it. */
const sourceSchema = z.object({
  scheduleId: text,
  /** As Graph writes it; null on permanent rows. */
  start: maybe(text),
  /** The latest end ever listed, since an extension moves it and a stale answer may bring the old one back. Null = permanent. */
  end: maybe(text),
  /** The end as last listed, for knowing when the next pass is due. */
  listedEnd: maybe(text),
  /** Made by PIM for its holder, on activation; false for what an administrator assigned. */
  activated: z.boolean(),
  firstSeen: graphTime,
  /** The first of the answers since then whose list does not show it; null while it is listed. */
  leftList: maybe(graphTime),
  /** The privilege was shown without it for longer than the list may hide a row (lag table: staleRow): its end counts no more. */
  isOver: z.boolean(),
});
export type Source = Readonly<z.infer<typeof sourceSchema>>;

const known = { ...rolePrivilege, key: text, firstSeen: graphTime, sources: z.array(sourceSchema).readonly() };

/** An unbroken run of answers that say the same: Graph's times of the first and of the newest. */
export const runSchema = z.object({ since: graphTime, last: graphTime });
export type Run = Readonly<z.infer<typeof runSchema>>;

/** The run of answers that do not show a privilege or a membership. */
export const absenceSchema = runSchema.extend({
  /** The user's sessions-valid-from in the first of them, epoch milliseconds; null when Graph had none. */
  sessionsValidFrom: maybe(z.number()),
  /** Graph's time of an earlier answer that still showed it; absent where none is known: only of a group's roles and members. */
  after: optional(graphTime),
  /** What led to the pass when the run began: the signal by which the end was found. */
  by: optional(text),
});
export type Absence = Readonly<z.infer<typeof absenceSchema>>;

/** One privilege of one principal, from the first sight on until its loss. */
export const holdingSchema = z.object({
  ...known,
  /** The group through which alone it was held when the principal's own views denied it; null for one's own. */
  group: maybe(
    z.object({ groupId: text, startDateTime: maybe(text), endDateTime: maybe(text), roleAssignmentScheduleId: text }),
  ),
  /** The run of answers in which no view shows it; null while one does. */
  absence: maybe(absenceSchema),
  /** An alarm has said that Graph still shows it long after its end. */
  overdueRaised: z.boolean(),
});
export type Holding = Readonly<z.infer<typeof holdingSchema>>;

/** A holding that is over. Replicas may show its sources for a while, and the audit log reports its end later. */
export const endedHoldingSchema = z.object({
  ...known,
  endedAt: graphTime,
  cutOff: graphTime,
  /** What decided: a rule of `judge.ts`; `group` where the group's own pass found the loss first, `audit` where only the audit log reported it. */
  rule: text,
  /** The first of the answers since then in which a replica shows it again; null while none does. */
  shownAgain: maybe(graphTime),
});
export type EndedHolding = Readonly<z.infer<typeof endedHoldingSchema>>;

type Identity = Pick<Source, "scheduleId" | "start">;

export const isSameSource = (a: Identity, b: Identity): boolean => a.scheduleId === b.scheduleId && a.start === b.start;

export const identityOf = (row: RoleInstance): Identity => ({
  scheduleId: row.roleAssignmentScheduleId,
  start: row.startDateTime,
});

/** A holding that begins with an answer of `date`. Its key holds that time, since a privilege may be held again and again. */
export const newHolding = (
  { roleDefinitionId, directoryScopeId, appScopeId }: RolePrivilege,
  date: GraphTime,
  group: Holding["group"] = null,
): Holding => ({
  roleDefinitionId,
  directoryScopeId,
  appScopeId,
  key: rowKey(
    group === null ? "own" : rowKey("group", group.groupId),
    roleDefinitionId,
    directoryScopeId,
    appScopeId,
    new Date(date).toISOString(),
  ),
  firstSeen: date,
  sources: [],
  group,
  absence: null,
  overdueRaised: false,
});

export const later = (a: string | null, b: string | null): string | null =>
  a === null || b === null ? null : instantMs(b) > instantMs(a) ? b : a;

type Sources = Pick<Holding, "sources">;

/** Those that may still be there. */
export const currentSources = ({ sources }: Sources): readonly Source[] => sources.filter(({ isOver }) => !isOver);

/** The source that ends last of those that may still be there; null when there is none. */
export const lastSource = (holding: Sources): Source | null =>
  currentSources(holding).reduce<Source | null>((a, b) => (a !== null && later(a.end, b.end) === a.end ? a : b), null);

/** The latest announced end of everything that may still give the privilege, Graph's time rounded up; null when one source has none. */
export function knownEnd({ sources, group }: Pick<Holding, "sources" | "group">): GraphTime | null {
  const end = group === null ? (lastSource({ sources })?.end ?? null) : group.endDateTime;
  return end === null ? null : instantMsCeil(end);
}

/** The end that Graph announced last for the privilege, as it writes it; null = none. */
export const announcedEnd = ({ sources, group }: Pick<Holding, "sources" | "group">): string | null =>
  group === null ? (lastSource({ sources })?.listedEnd ?? null) : group.endDateTime;

/** From when on it was held, as far as anybody knows, Graph's time. */
export const heldSince = ({ firstSeen, sources }: Pick<Holding, "firstSeen" | "sources">): GraphTime =>
  Math.min(firstSeen, ...sources.flatMap(({ start }) => (start === null ? [] : [instantMs(start)])));

export const endHolding = (holding: Holding, date: GraphTime, rule: string): EndedHolding => {
  const { group: _, absence, overdueRaised: __, ...known } = holding;
  return { ...known, endedAt: date, cutOff: absence?.since ?? date, rule, shownAgain: null };
};
