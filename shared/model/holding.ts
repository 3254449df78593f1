import { z } from "zod";
import type { GraphTime } from "../base/clock.ts";
import { rowKey } from "../base/keys.ts";
import type { RoleInstance, RolePrivilege } from "../graph/graph.ts";
import { instantMs, instantMsCeil } from "../graph/instants-and-ids.ts";
import { graphTime, maybe, optional, text } from "../storage/rows.ts";
import { rolePrivilege } from "./privilege.ts";

/** One instance in PIM's list that gives a privilege. Graph repeats its `id` across activations, so schedule id and start identify it. */
const sourceSchema = z.object({
  scheduleId: text,
  /** As Graph writes it; null on permanent rows. */
  start: maybe(text),
  /** The latest end ever listed, since an extension moves it and a stale answer may bring the old one back. Null = permanent. */
  end: maybe(text),
  /** The end that Graph listed last: the next pass is planned by it. */
  listedEnd: maybe(text),
  /** True: the holder activated an eligible assignment. False: an administrator assigned the role. */
  activated: z.boolean(),
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

export type Identity = Pick<Source, "scheduleId" | "start">;

export const isSameSource = (a: Identity, b: Identity): boolean => a.scheduleId === b.scheduleId && a.start === b.start;

export const identityOf = (row: RoleInstance): Identity => ({
  scheduleId: row.roleAssignmentScheduleId,
  start: row.startDateTime,
});

/** A holding that begins with the answer of `date`. Its key contains that time, since the same privilege may be held many times. */
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

/** The sources that may still give the privilege. */
export const currentSources = ({ sources }: Sources): readonly Source[] => sources.filter(({ isOver }) => !isOver);

/** The current source that ends last; null when there is none. */
export const lastSource = (holding: Sources): Source | null =>
  currentSources(holding).reduce<Source | null>((a, b) => (a !== null && later(a.end, b.end) === a.end ? a : b), null);

/** The latest announced end of the current sources, or of the group's role: Graph's time, rounded up. Null when one is permanent or there is none. */
export function knownEnd({ sources, group }: Pick<Holding, "sources" | "group">): GraphTime | null {
  const end = group === null ? (lastSource({ sources })?.end ?? null) : group.endDateTime;
  return end === null ? null : instantMsCeil(end);
}

/** The end that Graph listed last for that source or group, as Graph writes it; null = none. */
export const announcedEnd = ({ sources, group }: Pick<Holding, "sources" | "group">): string | null =>
  group === null ? (lastSource({ sources })?.listedEnd ?? null) : group.endDateTime;

/** Since when it was held, as far as known: the first answer that showed it, or an earlier start of a source. Graph's time, milliseconds. */
export const heldSince = ({ firstSeen, sources }: Pick<Holding, "firstSeen" | "sources">): GraphTime =>
  Math.min(firstSeen, ...sources.flatMap(({ start }) => (start === null ? [] : [instantMs(start)])));

export const endHolding = (holding: Holding, date: GraphTime, rule: string): EndedHolding => {
  const { group: _, absence, overdueRaised: __, ...known } = holding;
  return { ...known, endedAt: date, cutOff: absence?.since ?? date, rule, shownAgain: null };
};
