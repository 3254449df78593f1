import { expect, test } from "vitest";
import type { GroupCast } from "../../../local/story/group-cast.ts";
import { collectGroupFacts, groupDifferences, groupPromises } from "../../../local/story/group-facts.ts";
import type { Happening } from "../../../local/tenant/history-events.ts";
import { called, historyOf, refused, revoked, time } from "./story-history.ts";

const cast: GroupCast = {
  groupId: "group",
  scheduleId: "schedule",
  endDateTime: time(0),
  members: [
    { name: "Ana", id: "ana", fate: "loses the role" },
    { name: "Carla", id: "carla", fate: "holds the role another way" },
    { name: "Dan", id: "dan", fate: "is a guest" },
  ],
};
const role = { principalId: "group", roleDefinitionId: "role", directoryScopeId: "/", scheduleId: "schedule" };
const gone = (store: "list" | "directory") => ({ event: "roleRemoved", ...role, store, shown: "last" }) as const;
const token = (userId: string): Happening => ({
  event: "tokenIssued",
  userId,
  client: "Outlook",
  cae: true,
  by: "refresh",
  wids: [],
  groups: [],
  expiresAt: time(3600),
});
const story: readonly (readonly [number, Happening])[] = [
  [-2, token("ana")],
  [-2, token("carla")],
  [0.9, gone("list")],
  [0.9, gone("directory")],
  [1.5, revoked("ana")],
  [1.8, called("ana", "Outlook", "claimsChallenge")],
  [1.8, called("carla", "Outlook", "allowed")],
  [1.9, refused("ana", "Outlook")],
  [2, revoked("dan")],
  [3, token("carla")],
];
const factsOf = (...more: readonly (readonly [number, Happening])[]) =>
  collectGroupFacts(historyOf(...story, ...more), cast);
const broken = (facts: ReturnType<typeof factsOf>) =>
  groupPromises(facts).flatMap(({ text, kept }) => (kept ? [] : [text]));

test("what the tenant saw of each member", () => {
  expect(factsOf().members).toMatchObject([
    { name: "Ana", revokesAccepted: [time(1.5)], refusedBecause: "claimsChallenge", canRefresh: false },
    { name: "Carla", revokesAccepted: [], firstRefusal: null, canRefresh: true },
    { name: "Dan", revokesAccepted: [time(2)], canRefresh: null },
  ]);
  expect(groupDifferences(factsOf())).toEqual({ endToRemoval: 900, removalToRevokesAccepted: [600] });
});

test("as promised", () => {
  expect(broken(factsOf())).toEqual([]);
});

test.each<[string, Happening, string]>([
  ["a second revoke", revoked("ana"), "exactly one revoke was accepted for each member who lost the role"],
  [
    "a revoke for a member who holds the role another way",
    revoked("carla"),
    "nothing was revoked for who holds the role another way",
  ],
  [
    "a second revoke for the guest",
    revoked("dan"),
    "a revoke was asked for the guest as well, once: another tenant signs them in, so it is not said to cut",
  ],
  ["who holds the role another way is refused", refused("carla", "Outlook"), "who holds the role another way works on"],
  [
    "who lost the role gets a token",
    token("ana"),
    "the Outlook of each of them got a claims challenge, and no new tokens",
  ],
])("%s breaks a promise", (_, happening, promise) => {
  expect(broken(factsOf([4, happening]))).toContain(promise);
});

test("nothing at all keeps no promise but the one of having left others alone", () => {
  expect(broken(collectGroupFacts([], cast))).toHaveLength(6);
});
