import type { HistoryEvent } from "../tenant/history-events.ts";
import { between } from "./facts.ts";
import { revokesOf } from "./history.ts";
import type { OmarCast } from "./omar-cast.ts";
import { type Promised, promised } from "./promises.ts";

export interface OmarFacts {
  /** When the app had subscribed to the group's members. */
  readonly subscribed: string | null;
  /** When the last replica of the group no longer showed him. */
  readonly removed: string | null;
  /** When the first notification of it went out to the app, and how the app answered. */
  readonly notified: string | null;
  readonly status: number | null;
  readonly revokesAccepted: readonly string[];
  /** Of the resource that trusts `wids`, after the notification. */
  readonly refusedBecause: string | null;
  readonly canRefresh: boolean | null;
  /** For who stayed in the group. */
  readonly othersRevoked: number;
}

/** By the tenant's own history and nothing else. */
export function collectOmarFacts(history: readonly HistoryEvent[], cast: OmarCast): OmarFacts {
  const { groupId, omarId, priyaId } = cast;
  const subscribed = history.find((event) => isSubscription(event, groupId))?.at ?? null;
  const removal = history.find((event) => isRemoval(event, cast) && event.shown === "last");
  const request = removal === undefined ? undefined : firstDeliveryAbout(history, groupId, removal.seq);
  const notified = request === undefined ? null : sentAt(request);
  const refusal = history
    .filter((event) => event.event === "resourceCalled")
    .filter(({ userId, resource, at }) => userId === omarId && resource === "trusts-wids" && at >= (notified ?? ""))
    .find(({ reason }) => reason !== "allowed");
  const last = history.findLast(
    (event) => (event.event === "tokenIssued" || event.event === "refreshRefused") && event.userId === omarId,
  );
  return {
    subscribed,
    removed: removal?.at ?? null,
    notified,
    status: request?.status ?? null,
    revokesAccepted: revokesOf(history, omarId),
    refusedBecause: refusal?.reason ?? null,
    canRefresh: last === undefined ? null : last.event === "tokenIssued",
    othersRevoked: revokesOf(history, priyaId).length,
  };
}

export const isSubscription = (event: HistoryEvent, groupId: string): boolean =>
  event.event === "subscriptionCreated" && event.resource.toLowerCase().endsWith(`groups/${groupId}/members`);

type Removal = Extract<HistoryEvent, { event: "groupMemberRemoved" }>;
export const isRemoval = (event: HistoryEvent, { groupId, omarId }: OmarCast): event is Removal =>
  event.event === "groupMemberRemoved" && event.groupId === groupId && event.memberId === omarId;

type Delivery = Extract<HistoryEvent, { event: "notificationDelivered" }>;

/** The first request by which the app took a notification that is about the group and was made after event `after`. */
function firstDeliveryAbout(history: readonly HistoryEvent[], groupId: string, after: number): Delivery | undefined {
  const numbers = new Set(
    history.flatMap((event) =>
      event.event === "notificationCreated" && event.objectId === groupId && event.seq > after
        ? [event.notification]
        : [],
    ),
  );
  return history
    .filter((event) => event.event === "notificationDelivered")
    .find(({ notifications }) => notifications.some((number) => numbers.has(number)));
}

/** The history shows when it was answered, and how long that took. */
const sentAt = ({ at, tookMs }: Delivery): string => new Date(Date.parse(at) - tookMs).toISOString();

const latestRevoke = 1000;

export function omarPromises(facts: OmarFacts): readonly Promised[] {
  const { subscribed, removed, notified, status, revokesAccepted, refusedBecause, canRefresh, othersRevoked } = facts;
  const delay = between(notified, revokesAccepted[0] ?? null);
  return [
    promised("the app had subscribed to the group's members", between(subscribed, removed) !== null),
    promised("it took Graph's notification of Omar's removal", status !== null && status >= 200 && status < 300),
    promised("exactly one revoke was accepted for Omar", revokesAccepted.length === 1),
    promised(
      "within a second of the notification, and not before it",
      delay !== null && delay >= 0 && delay <= latestRevoke,
    ),
    promised(
      "his Outlook got a claims challenge, and no new tokens",
      refusedBecause === "claimsChallenge" && canRefresh === false,
    ),
    promised("nothing was revoked for who stayed in the group", othersRevoked === 0),
  ];
}

export const omarDifferences = ({ removed, notified, revokesAccepted }: OmarFacts) => ({
  removalToNotification: between(removed, notified),
  notificationToRevokeAccepted: between(notified, revokesAccepted[0] ?? null),
});
