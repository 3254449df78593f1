import type { HistoryEvent } from "../../../local/tenant/history-events.ts";

export interface EndedRole {
  readonly userId: string;
  readonly scheduleId: string;
  /** The announced end, epoch milliseconds. */
  readonly end: number;
}

/** What became of one end, by the tenant's own times, epoch milliseconds. */
export interface Reaction {
  /** When the later of PIM's list and the directory lost the role. */
  readonly removedAt: number;
  /** The first moment at which one answer can prove the end: Graph dates its answers in whole seconds, and one dated before the announced end proves nothing. */
  readonly provableAt: number;
  /** When the app was given the first answer after that. */
  readonly answeredAt: number;
  /** When the revoke was accepted. */
  readonly acceptedAt: number;
  /** How often the app read the principal in one second, at most. */
  readonly busiestSecond: number;
}

/** @throws when the role was not removed, or when there is not exactly one revoke and that after the removal: then there is nothing to measure. */
export function measure(history: readonly HistoryEvent[], { userId, scheduleId, end }: EndedRole): Reaction {
  const times = (wanted: (event: HistoryEvent) => boolean) => history.filter(wanted).map(({ at }) => Date.parse(at));
  const removals = times(
    (event) => event.event === "roleRemoved" && event.scheduleId === scheduleId && event.shown === "last",
  );
  if (removals.length < 2) throw new Error(`The tenant did not remove the role of ${userId} from both of its views.`);
  const removedAt = Math.max(...removals);
  const provableAt = Math.max(removedAt, Math.ceil(end / 1000) * 1000);

  const revokes = times((event) => event.event === "revokeAccepted" && event.userId === userId);
  const [acceptedAt] = revokes;
  if (acceptedAt === undefined || revokes.length > 1)
    throw new Error(`${userId} has ${revokes.length} revokes, not one.`);
  if (acceptedAt < removedAt) throw new Error(`${userId} was revoked before the role was removed.`);

  const passes = times((event) => isPassOf(event, userId));
  const answers = passes.filter((at) => at <= acceptedAt);
  // The last one, should it be read within a second and dated in the next.
  const answeredAt = answers.find((at) => at >= provableAt) ?? answers.at(-1);
  if (answeredAt === undefined) throw new Error(`${userId} was revoked and never read.`);
  const perSecond = passes.map((from) => passes.filter((at) => at >= from && at < from + 1000).length);
  return { removedAt, provableAt, answeredAt, acceptedAt, busiestSecond: Math.max(...perSecond) };
}

/** PIM's list in the app's own reading of one principal, which is one batch. */
const isPassOf = (event: HistoryEvent, userId: string): boolean =>
  event.event === "graphCalled" &&
  event.inBatch &&
  event.path.includes("/roleAssignmentScheduleInstances") &&
  event.path.includes(userId);
