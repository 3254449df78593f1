import { expect, test } from "vitest";
import type { OmarCast } from "../../../local/story/omar-cast.ts";
import { collectOmarFacts, omarDifferences, omarPromises } from "../../../local/story/omar-facts.ts";
import type { Happening } from "../../../local/tenant/history-events.ts";
import { called, historyOf, refused, revoked, time } from "./story-history.ts";

const cast: OmarCast = { groupId: "group", omarId: "omar", priyaId: "priya" };
const resource = "groups/group/members";
const about = { subscriptionId: "s", resource, changeType: "updated" };
const created = (notification: number, objectId: string): Happening => ({
  event: "notificationCreated",
  ...about,
  notification,
  objectId,
});
const delivered = (notifications: number[]): Happening => ({
  event: "notificationDelivered",
  url: "http://127.0.0.1/",
  kind: "change",
  attempt: 1,
  notifications,
  subscriptionIds: notifications.map(() => "s"),
  status: 202,
  tookMs: 100,
});
const story: readonly (readonly [number, Happening])[] = [
  [
    -5,
    {
      event: "subscriptionCreated",
      ...about,
      applicationId: "app",
      notificationUrl: "http://127.0.0.1/",
      expirationDateTime: time(3600),
    },
  ],
  [-4, created(1, "group")],
  [-1, called("omar", "Outlook", "allowed")],
  [0, { event: "groupMemberRemoved", groupId: "group", memberId: "omar", access: "member", shown: "last" }],
  [0, created(2, "another group")],
  [0, created(3, "group")],
  [1, delivered([1, 2])],
  [2.1, delivered([3])],
  [2.5, revoked("omar")],
  [2.9, called("omar", "Outlook", "claimsChallenge")],
  [3, refused("omar", "Outlook")],
];
const factsOf = (...more: readonly (readonly [number, Happening])[]) =>
  collectOmarFacts(historyOf(...story, ...more), cast);
const broken = (facts: ReturnType<typeof factsOf>) =>
  omarPromises(facts).flatMap(({ text, kept }) => (kept ? [] : [text]));

test("counts from when the notification of the removal went out, not one of anything else", () => {
  expect(factsOf()).toMatchObject({ removed: time(0), notified: time(2), status: 202, canRefresh: false });
  expect(omarDifferences(factsOf())).toEqual({ removalToNotification: 2000, notificationToRevokeAccepted: 500 });
});

test("as promised", () => {
  expect(broken(factsOf())).toEqual([]);
});

test.each<[string, Happening, string]>([
  ["a second revoke", revoked("omar"), "exactly one revoke was accepted for Omar"],
  ["a revoke for who stayed", revoked("priya"), "nothing was revoked for who stayed in the group"],
])("%s breaks a promise", (_, happening, promise) => {
  expect(broken(factsOf([4, happening]))).toContain(promise);
});

test.each([
  ["before the notification", 1.9],
  ["more than a second after it", 3.1],
])("a revoke %s breaks a promise", (_, at) => {
  const moved = story.map(([seconds, one]) => [one.event === "revokeAccepted" ? at : seconds, one] as const);
  expect(broken(collectOmarFacts(historyOf(...moved), cast))).toEqual([
    "within a second of the notification, and not before it",
  ]);
});

test("nothing at all keeps no promise but the one of having left others alone", () => {
  expect(broken(collectOmarFacts([], cast))).toHaveLength(5);
});
