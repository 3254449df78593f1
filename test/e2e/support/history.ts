import type { HistoryEvent } from "../../../local/tenant/history-events.ts";

/** When the tenant accepted revokes for a user, epoch milliseconds. */
export const revokesOf = (history: readonly HistoryEvent[], userId: string): readonly number[] =>
  history.flatMap((event) => (event.event === "revokeAccepted" && event.userId === userId ? [timeOf(event)] : []));

/** Requests to revoke, whatever became of them. */
export const revokeRequests = (history: readonly HistoryEvent[]): readonly HistoryEvent[] =>
  history.filter((event) => event.event === "graphCalled" && event.path.includes("revokeSignInSessions"));

/** When an assignment was gone for good: from the last replica of the list and from the last one of the directory. */
export function goneAt(history: readonly HistoryEvent[], scheduleId: string): number {
  const removed = (store: "list" | "directory") => {
    const event = history.find((event) => isRemoved(event, scheduleId, store, "last"));
    if (event === undefined) throw new Error(`The tenant never removed the assignment from the ${store}.`);
    return timeOf(event);
  };
  return Math.max(removed("list"), removed("directory"));
}

export const isRemoved = (
  event: HistoryEvent,
  scheduleId: string,
  store: "list" | "directory",
  shown: "first" | "last",
): boolean =>
  event.event === "roleRemoved" && event.scheduleId === scheduleId && event.store === store && event.shown === shown;

export const isEnd = (event: HistoryEvent, scheduleId: string): boolean =>
  event.event === "roleEnded" && event.scheduleId === scheduleId;

/** A pass: the app reads one principal. */
export const isPassOf = (event: HistoryEvent, principalId: string): boolean =>
  event.event === "graphCalled" && event.inBatch && event.path.startsWith(`/v1.0/users/${principalId}`);

export const timeOf = ({ at }: HistoryEvent): number => Date.parse(at);
