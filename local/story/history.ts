import type { HistoryEvent } from "../tenant/history-events.ts";

export const isRevokeOf = (event: HistoryEvent, userId: string): boolean =>
  event.event === "revokeAccepted" && event.userId === userId;

/** When the last replica of the instance list, or of the directory, stopped showing an assignment; null when one still does. */
export const removedFrom = (
  history: readonly HistoryEvent[],
  store: "list" | "directory",
  scheduleId: string,
): string | null =>
  history.find(
    (event) =>
      event.event === "roleRemoved" &&
      event.scheduleId === scheduleId &&
      event.store === store &&
      event.shown === "last",
  )?.at ?? null;

/** The later of the two removals; null when one has not come. */
export function removalOf(history: readonly HistoryEvent[], scheduleId: string): string | null {
  const list = removedFrom(history, "list", scheduleId);
  const directory = removedFrom(history, "directory", scheduleId);
  return list === null || directory === null ? null : list > directory ? list : directory;
}

/** When Graph accepted revokes for a user. */
export const revokesOf = (history: readonly HistoryEvent[], userId: string): readonly string[] =>
  history.filter((event) => isRevokeOf(event, userId)).map(({ at }) => at);
