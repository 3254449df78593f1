import { instantMs } from "../graph/instant.ts";
import {
  isRole,
  type Obligation,
  pending,
  type RoleObligation,
  type RuleObligation,
} from "../revocation/obligation.ts";
import type { PrincipalState } from "./principal-state.ts";
import { untoldScope } from "./privilege.ts";
import type { Timings } from "./timings.ts";
import { beganLater, onlyEndOf, type ToldEnd, type ToldRole } from "./told-end.ts";
import type { Tombstone, Watch } from "./watch.ts";

/** Milliseconds after what the audit log tells within which an end that we found ourselves is the same one. */
const foundWithin = 600_000;
/** Milliseconds before it. Core Directory's row has the moment of the end and only clocks may differ; PIM's was seen up to seven seconds late. */
const foundBefore = { directory: 10_000, pim: 120_000 };

interface Known {
  readonly obligations: Iterable<Obligation>;
  readonly tombstones: Iterable<Tombstone>;
}

/** Whether an end of this time, Graph's, may be the one that the audit log tells of. */
export const isNear = (time: number, { at, toldBy }: Pick<ToldRole, "at" | "toldBy">): boolean =>
  time >= at - foundBefore[toldBy] && time <= at + foundWithin;

/**
 * Whether this end was watched: an ended assignment of the same role lies within ten minutes after it. Whatever satisfies that one satisfies
 * this one as well. One found earlier, or that began later, is another: a role may be activated anew and end again within minutes. Pure.
 */
export function wasWatched(told: ToldRole, { obligations, tombstones }: Known): boolean {
  const { roleDefinitionId } = told;
  const isSame = (obligation: Obligation) =>
    isRole(obligation) &&
    obligation.roleDefinitionId === roleDefinitionId &&
    !beganLater(obligation.startDateTime, told) &&
    (isNear(obligation.cutOff, told) || (obligation.planned && isNear(obligation.lastHeld, told)));
  const isBuried = (tombstone: Tombstone) =>
    tombstone.roleDefinitionId === roleDefinitionId &&
    !beganLater(tombstone.start, told) &&
    (isNear(tombstone.endedAt, told) || (tombstone.end !== null && isNear(instantMs(tombstone.end), told)));
  return [...obligations].some(isSame) || [...tombstones].some(isBuried);
}

/** Until when a stale answer may show what the audit log tells the end of, Graph's time: in whole seconds both. Pure. */
export const waitsUntil = ({ at }: ToldEnd, { ghostFor }: Timings): number => at + ghostFor;

/**
 * Whether this is the word of the end of the only assignment that it can be about, which is not shown for the first time, or which the answer, a
 * replica's perhaps, still shows: one whose known end has come, or one for the whole directory, which would hold what it tells. It waits for the
 * end that will be seen there, or as long as an answer may be old. Judged at once it would be told as a second end. Pure.
 */
export function isEarly(told: ToldEnd, staying: readonly Watch[], date: number, timings: Timings): boolean {
  const watch = onlyEndOf(told, staying);
  if (told.kind !== "role" || watch === null) return false;
  const { absence, end, directoryScopeId, appScopeId } = watch;
  if (absence !== null) return true;
  const hasCome = end !== null && instantMs(end) <= date && isNear(instantMs(end), told);
  const holds = directoryScopeId === "/" && appScopeId === "";
  return (hasCome || holds) && date < waitsUntil(told, timings);
}

/** An end that we found ourselves, with what the audit log says of it: why it came, and that it is no mistake. Pure. */
export function explain(obligation: RoleObligation, told: readonly ToldEnd[]): RoleObligation {
  const same = told.find(
    (end) => end.kind === "role" && wasWatched(end, { obligations: [obligation], tombstones: [] }),
  );
  if (same?.kind !== "role") return obligation;
  return { ...obligation, end: obligation.planned ? obligation.end : same.end, threshold: "corroborated" };
}

/** The obligations that follow from what the audit log tells and nobody watched. Those who left a group are the group's to tell. Pure. */
export function unwatchedEnds(
  told: readonly ToldEnd[],
  known: Known,
  date: number,
): readonly (RoleObligation | RuleObligation)[] {
  return told.flatMap((end) => {
    if (end.kind === "access" || (end.kind === "role" && wasWatched(end, known))) return [];
    return [end.kind === "role" ? toRoleObligation(end, date) : { ...facts(end, date), activity: end.activity }];
  });
}

const toRoleObligation = (end: ToldRole, date: number): RoleObligation => ({
  ...facts(end, date),
  end: end.end,
  roleDefinitionId: end.roleDefinitionId,
  directoryScopeId: untoldScope,
  appScopeId: "",
});

const facts = ({ key, at }: ToldEnd, date: number) => ({
  key,
  end: "unknown" as const,
  planned: false,
  startDateTime: null,
  endDateTime: null,
  unseenSince: at,
  cutOff: at,
  sessionsValidFromBefore: null,
  lastHeld: at,
  confirmed: true,
  foundBy: "audit",
  foundAt: date,
  progress: pending,
  // It is Graph's audit log that it came from.
  threshold: "corroborated" as const,
  audited: true as const,
});

/** Core Directory's row and PIM's of one end may be read minutes apart, by different processes. Of two ends the later one counts for both. */
const tellOfOne = (noted: ToldEnd, end: ToldEnd): boolean =>
  noted.kind === "role" &&
  end.kind === "role" &&
  noted.roleDefinitionId === end.roleDefinitionId &&
  isNear(noted.at, end);

/** The state with what the audit log told of this principal, to be judged by the next look, `storageNow`; the same state when it is known. Pure. */
export function noteTold(state: PrincipalState, told: readonly ToldEnd[], storageNow: number): PrincipalState {
  const { head, obligations, tombstones } = state;
  const noted = head.told ?? [];
  const known = { obligations: obligations.values(), tombstones: tombstones.values() };
  const isKnown = (end: ToldEnd) =>
    obligations.has(end.key) ||
    tombstones.has(end.key) ||
    noted.some((other) => other.key === end.key || tellOfOne(other, end)) ||
    (end.kind === "role" && wasWatched(end, known));
  const added = told.filter((end) => !isKnown(end));
  if (added.length === 0) return state;
  const foundAt = Math.min(...added.map((end) => end.foundAt));
  const openSince = Math.min(head.openSince ?? foundAt, foundAt);
  const wakeAt = Math.min(head.wakeAt ?? storageNow, storageNow);
  return { ...state, head: { ...head, told: [...noted, ...added], openSince, wakeAt } };
}
