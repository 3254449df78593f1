import type { HistoryEvent } from "../tenant/history-events.ts";
import { between } from "./facts.ts";
import type { GroupCast, Member } from "./group-cast.ts";
import { removalOf, revokesOf } from "./history.ts";
import { type Promised, promised } from "./promises.ts";

export interface MemberFacts extends Pick<Member, "name" | "fate"> {
  readonly revokesAccepted: readonly string[];
  /** Of the resource that trusts `wids`, after the role's end. */
  readonly firstRefusal: string | null;
  readonly refusedBecause: string | null;
  /** Whether the last answer about new tokens was yes. Null for who did not sign in. */
  readonly canRefresh: boolean | null;
}

export interface GroupFacts {
  readonly endDateTime: string;
  /** When the last replica of the instance list and of the directory stopped showing the group's role. */
  readonly removal: string | null;
  readonly members: readonly MemberFacts[];
}

/** By the tenant's own history and nothing else. */
export const collectGroupFacts = (history: readonly HistoryEvent[], cast: GroupCast): GroupFacts => ({
  endDateTime: cast.endDateTime,
  removal: removalOf(history, cast.scheduleId),
  members: cast.members.map((member) => memberFacts(history, member, cast.endDateTime)),
});

function memberFacts(history: readonly HistoryEvent[], { name, id, fate }: Member, endDateTime: string): MemberFacts {
  const refusal = history
    .filter((event) => event.event === "resourceCalled")
    .filter(({ userId, resource, at }) => userId === id && resource === "trusts-wids" && at >= endDateTime)
    .find(({ reason }) => reason !== "allowed");
  const last = history.findLast(
    (event) => (event.event === "tokenIssued" || event.event === "refreshRefused") && event.userId === id,
  );
  return {
    name,
    fate,
    revokesAccepted: revokesOf(history, id),
    firstRefusal: refusal?.at ?? null,
    refusedBecause: refusal?.reason ?? null,
    canRefresh: last === undefined ? null : last.event === "tokenIssued",
  };
}

/** A revoke that came this long after the removal, milliseconds, is too late: beside what a user's own role takes, a group's members get their passes by message. */
const latestRevoke = 3000;

export function groupPromises({ removal, members }: GroupFacts): readonly Promised[] {
  const losing = members.filter(({ fate }) => fate === "loses the role");
  const holding = members.filter(({ fate }) => fate === "holds the role another way");
  const guests = members.filter(({ fate }) => fate === "is a guest");
  const delays = losing.map(({ revokesAccepted }) => between(removal, revokesAccepted[0] ?? null));
  return [
    promised("PIM removed the group's role from list and directory", removal !== null),
    promised(
      "exactly one revoke was accepted for each member who lost the role",
      losing.length > 0 && losing.every(({ revokesAccepted }) => revokesAccepted.length === 1),
    ),
    promised(
      "within three seconds of the removal, and not before it",
      delays.every((delay) => delay !== null && delay >= 0 && delay <= latestRevoke),
    ),
    promised(
      "the Outlook of each of them got a claims challenge, and no new tokens",
      losing.every(({ refusedBecause, canRefresh }) => refusedBecause === "claimsChallenge" && canRefresh === false),
    ),
    promised(
      "nothing was revoked for who holds the role another way",
      holding.every(({ revokesAccepted }) => revokesAccepted.length === 0),
    ),
    promised(
      "a revoke was asked for the guest as well, once: another tenant signs them in, so it is not said to cut",
      guests.every(({ revokesAccepted }) => revokesAccepted.length === 1),
    ),
    promised(
      "who holds the role another way works on",
      holding.some(({ firstRefusal, canRefresh }) => canRefresh === true && firstRefusal === null),
    ),
  ];
}

export const groupDifferences = ({ endDateTime, removal, members }: GroupFacts) => ({
  endToRemoval: between(endDateTime, removal),
  removalToRevokesAccepted: members
    .filter(({ fate }) => fate === "loses the role")
    .flatMap(({ revokesAccepted }) => revokesAccepted)
    .toSorted()
    .flatMap((at) => between(removal, at) ?? []),
});
