import { minute, second } from "../base/clock.ts";
import { isEnforced, judgeScope, type ResolvedPolicy } from "../enforcement/policy.ts";
import type { RolePrivilege } from "../graph/graph.ts";
import { covers, type Holding, knownEnd } from "../model/holding.ts";
import { loadPrincipal } from "../model/load-and-commit.ts";
import { type AccessPrivilege, isRole, isRule } from "../model/pending-revocation.ts";
import { memberKey, type PrincipalState } from "../model/principal.ts";
import { maxDelay, type Queue } from "../storage/queue.ts";
import { type MailFacts, wordAfter, wordBefore } from "./mail.ts";
import { outcomeNews } from "./news.ts";
import {
  type AfterNotice,
  accessEnd,
  type BeforeNotice,
  type FoundOutcome,
  findOutcome,
  noticeMessage,
} from "./notice.ts";
import { type NotifyDependencies, type PersonDependencies, readGroupName, readNames, readRoleName } from "./send.ts";
import { privilegeOf } from "./wording.ts";

/** A mail that is due now. */
export interface Due {
  readonly facts: Omit<MailFacts, "name" | "toManager" | "helpUrl">;
  readonly write: (facts: MailFacts) => ReturnType<typeof wordBefore>;
  /** The principal was never read: Graph must first show whether it is a user of this tenant. */
  readonly isUnknown?: boolean;
}

/** A privilege that is about to end: a role, or a membership or ownership that counts as the privilege itself. */
type Ending = RolePrivilege | AccessPrivilege;

/** The verb after a privilege's name. */
const ends = { expired: "expired", deactivated: "was deactivated", removed: "was removed", unknown: "ended" } as const;

/** Whether the user gets a mail about this outcome: only if the user was signed out because a privilege ended. Pure. */
export const isForPerson = (
  { revocation, closed }: FoundOutcome,
  { person }: Pick<NotifyDependencies, "person">,
): boolean => person !== null && closed.outcome === "revoked" && !isRule(revocation);

/** Whether the policy allows a cut of this user. A user who is never cut gets no mail. Pure. */
const isInScope = (policy: ResolvedPolicy, principalId: string): boolean =>
  judgeScope(principalId, policy.scope) === "in";

/** The mail about an end for which the user was signed out; null when no mail is due. @throws the errors of storage */
export async function dueAfter(
  { principalId, key }: AfterNotice,
  { readPolicy }: PersonDependencies,
  { principals, directory, showNames }: NotifyDependencies,
): Promise<Due | null> {
  const found = await findOutcome(principalId, key, principals);
  if (found === null || !isInScope(await readPolicy(), principalId)) return null;
  const { revocation, closed } = found;
  const names = await readNames(principalId, revocation, directory, showNames);
  const { privilege } = outcomeNews(principalId, revocation, closed, names);
  const end =
    revocation.planned && revocation.endDateTime !== null ? Date.parse(revocation.endDateTime) : revocation.cutOff;
  return {
    facts: { privilege: privilegeOf({ privilege }), endsAt: end },
    write: (facts) => wordAfter({ ...facts, end: ends[revocation.end], cutAt: closed.acceptedAt ?? closed.closedAt }),
  };
}

/**
 * The mail about an end that is near, by what is known before it; null when no mail is due, or not yet. A notice about a group's role is replaced by one
 * notice for each member of the group. @throws the errors of storage
 */
export async function dueBefore(
  notice: BeforeNotice,
  { settings, readPolicy, isStopped, graphClock }: PersonDependencies,
  dependencies: NotifyDependencies,
): Promise<Due | null> {
  const { principals, notices } = dependencies;
  const { principalId, groupId, endsAt } = notice;
  const left = endsAt - graphClock.now();
  if (settings.before === null || left < minute) return null;
  const early = left - settings.before;
  if (early > second) {
    await notices.send(noticeMessage(notice), Math.min(early, maxDelay));
    return null;
  }
  const { state } = await loadPrincipal(principals, principalId);
  const { kind } = state.head;
  if (groupId === undefined && kind === "group") {
    await handToMembers(notice, state, notices);
    return null;
  }
  const isUnknown = groupId !== undefined && kind === "unknown";
  if (kind !== "user" && !isUnknown) return null;
  const ending =
    groupId === undefined
      ? await endingOf(notice, state, dependencies)
      : endingThrough(notice, state, (await loadPrincipal(principals, groupId)).state);
  if (ending.length === 0) return null;
  const cut = cutBy(await readPolicy(), await isStopped(), principalId, ending);
  if (cut.length === 0) return null;
  return {
    facts: { privilege: await nameOf(principalId, cut, dependencies), endsAt },
    write: (facts) => wordBefore({ ...facts, minutes: Math.round(left / minute) }),
    isUnknown,
  };
}

/** Notices that are sent for one message: a group may have thousands of members. */
const membersAtOnce = 200;

/** Only members get a notice: owners hold none of their group's roles. */
async function handToMembers(notice: BeforeNotice, group: PrincipalState, notices: Queue): Promise<void> {
  const { key, endsAt, from = "" } = notice;
  const present = [...group.members.values()].filter(({ access, left }) => access === "member" && left === null);
  const ids = present
    .map(({ principalId }) => principalId)
    .filter((id) => id > from)
    .toSorted();
  const now = ids.slice(0, membersAtOnce);
  for (const principalId of now) {
    const { principalId: groupId } = group;
    await notices.send(noticeMessage({ person: "before", principalId, groupId, key, endsAt, tries: 0 }), 0);
  }
  const last = now.at(-1);
  if (last !== undefined && ids.length > now.length) await notices.send(noticeMessage({ ...notice, from: last }), 0);
}

/** The user's own role that ends at `endsAt`; none if it has ended or its end has moved, for a moved end has its own notice. @throws the errors of storage */
async function endingOf(
  { key, endsAt }: BeforeNotice,
  person: PrincipalState,
  { principals }: NotifyDependencies,
): Promise<readonly Ending[]> {
  const holding = person.holdings.get(key);
  if (holding === undefined || holding.absence !== null || knownEnd(holding) !== endsAt) return [];
  if (holding.group !== null) {
    // A known member gets the mail by the notice about the group.
    const { members } = (await loadPrincipal(principals, holding.group.groupId)).state;
    if (members.get(memberKey({ principalId: person.principalId, access: "member" }))?.left === null) return [];
  }
  return stillHeldAfter(holding, person, endsAt) ? [] : [holding];
}

/** The privileges through a group that end for this user at `endsAt`: one role of the group, or all of its roles when the membership ends. Pure. */
function endingThrough(
  { key, endsAt }: Pick<BeforeNotice, "key" | "endsAt">,
  person: PrincipalState,
  group: PrincipalState,
): readonly Ending[] {
  const { principalId: groupId } = group;
  const present = [...group.members.values()].filter(
    ({ principalId, left, absence }) => principalId === person.principalId && left === null && absence === null,
  );
  const roles = [...group.holdings.values()].filter(({ absence }) => absence === null);
  const access = present.find((one) => one.access === key);
  const isMember = present.some((one) => one.access === "member");
  const lasting = (role: Holding) => stillHeldAfter(role, person, endsAt, groupId);
  if (access === undefined) {
    return isMember ? roles.filter((role) => role.key === key && knownEnd(role) === endsAt && !lasting(role)) : [];
  }
  if (accessEnd(access) !== endsAt) return [];
  if (access.access === "owner" || roles.length === 0) return [{ groupId, access: access.access }];
  return roles.filter((role) => !lasting(role));
}

/** Whether the user still holds the role after `endsAt`, but not through this group. Pure. */
const stillHeldAfter = (role: RolePrivilege, person: PrincipalState, endsAt: number, groupId?: string): boolean =>
  [...person.holdings.values()].some((other) => {
    if (other.absence !== null || !covers(other, role)) return false;
    if (groupId !== undefined && other.group?.groupId === groupId) return false;
    const end = knownEnd(other);
    return end === null || end > endsAt;
  });

/** The privileges whose end will sign the user out. Pure. */
function cutBy(
  policy: ResolvedPolicy,
  stopped: boolean,
  principalId: string,
  all: readonly Ending[],
): readonly Ending[] {
  const mayCut = policy.mode === "enforce" && !policy.stopped && !stopped && isInScope(policy, principalId);
  const isCut = (one: Ending) => !isRole(one) || isEnforced(one.roleDefinitionId, policy.enforcedRoles) === "yes";
  return mayCut ? all.filter(isCut) : [];
}

/** At most this many privileges are named; the others are counted. */
const mostNamed = 3;

async function nameOf(
  userId: string,
  ending: readonly Ending[],
  { directory, showNames }: NotifyDependencies,
): Promise<string> {
  const named: string[] = [];
  for (const one of ending.slice(0, mostNamed)) {
    if (isRole(one)) {
      const { roleDefinitionId: id, directoryScopeId } = one;
      const scope = directoryScopeId === "/" ? null : directoryScopeId;
      named.push(privilegeOf({ privilege: { kind: "role", id, name: await readRoleName(id, directory), scope } }));
    } else {
      const { access: kind, groupId: id } = one;
      const name = showNames ? await readGroupName(userId, id, directory) : null;
      named.push(privilegeOf({ privilege: { kind, id, name, scope: null } }));
    }
  }
  const left = ending.length - named.length;
  return `${named.join(", ")}${left > 0 ? ` and ${left} more` : ""}`;
}
