import { loadPrincipal } from "../assignments/load-principal.ts";
import { knownEnd } from "../detection/holding.ts";
import { isGraphError } from "../graph/graph-errors.ts";
import { isEnforced } from "../revocation/enforced-roles.ts";
import { isRole, isRule } from "../revocation/obligation.ts";
import type { ResolvedPolicy } from "../revocation/policy.ts";
import { judgeScope } from "../revocation/scope.ts";
import { maxDelay } from "../storage/queue.ts";
import { type FoundOutcome, findOutcome } from "./find-outcome.ts";
import { operationIdOf, usableAddresses } from "./mail.ts";
import { type MailFacts, wordAfter, wordBefore } from "./mail-wording.ts";
import { readNames, readRoleName } from "./names.ts";
import { outcomeNews } from "./news.ts";
import { type AfterNotice, type BeforeNotice, noticeMessage, type PersonNotice } from "./notice.ts";
import type { NotifyDependencies, PersonDependencies } from "./send.ts";
import { claimMail } from "./told-people.ts";
import { privilegeOf } from "./wording.ts";

const second = 1000;
const minute = 60 * second;

/** Waits after tries that certainly sent nothing. Hours later the mail would only puzzle. */
const retryWaits = [30 * second, 2 * minute, 10 * minute, 30 * minute, 60 * minute];

/** Mails have a lane beside those of the channels 0 to 8. */
const mailLane = 9;

/** Words after a privilege's name. */
const ends = { expired: "expired", deactivated: "was deactivated", removed: "was removed", unknown: "ended" } as const;

type Facts = Omit<MailFacts, "name" | "toManager" | "helpUrl">;
type Word = (facts: MailFacts) => ReturnType<typeof wordAfter>;
interface Due {
  readonly facts: Facts;
  readonly word: Word;
}

/** Whether a person is told of this outcome: only whoever was signed out because a privilege ended. Pure. */
export const isForPerson = (
  { obligation, closed }: FoundOutcome,
  { person }: Pick<NotifyDependencies, "person">,
): boolean => person !== null && closed.outcome === "revoked" && !isRule(obligation);

/** Whether the policy lets this person be cut: whoever is spared gets no mail. Pure. */
const isInScope = (policy: ResolvedPolicy, principalId: string): boolean =>
  judgeScope(principalId, policy.scope) === "in";

/** Whether the end of this role will be a sign-out, as far as anybody can tell before. Pure. */
export const willBeCut = (
  policy: ResolvedPolicy,
  stopped: boolean,
  principalId: string,
  roleDefinitionId: string,
): boolean =>
  policy.mode === "enforce" &&
  !policy.stopped &&
  !stopped &&
  isEnforced(roleDefinitionId, policy.enforcedRoles) === "yes" &&
  isInScope(policy, principalId);

/**
 * Tells a person by mail, once: what was perhaps sent is not sent again.
 * @throws StorageRowError, StorageUnavailableError
 */
export async function tellPerson(notice: PersonNotice, dependencies: NotifyDependencies): Promise<void> {
  const { person } = dependencies;
  // The settings want no mails any more.
  if (person === null) return;
  const due =
    notice.person === "after"
      ? await dueAfter(notice, person, dependencies)
      : await dueBefore(notice, person, dependencies);
  if (due !== null) await send(notice, due, person, dependencies);
}

async function dueAfter(
  { principalId, key }: AfterNotice,
  { readPolicy }: PersonDependencies,
  { principals, directory, showNames }: NotifyDependencies,
): Promise<Due | null> {
  const found = await findOutcome(principalId, key, principals);
  if (found === null || !isInScope(await readPolicy(), principalId)) return null;
  const { obligation, closed } = found;
  const names = await readNames(principalId, obligation, directory, showNames);
  const { privilege } = outcomeNews(principalId, obligation, closed, names);
  const end =
    obligation.planned && obligation.endDateTime !== null ? Date.parse(obligation.endDateTime) : obligation.cutOff;
  return {
    facts: { privilege: privilegeOf({ privilege }), endsAt: end },
    word: (facts) => wordAfter({ ...facts, end: ends[obligation.end], cutAt: closed.acceptedAt ?? closed.closedAt }),
  };
}

async function dueBefore(
  notice: BeforeNotice,
  { settings, readPolicy, isStopped, graphClock }: PersonDependencies,
  { principals, notices, directory }: NotifyDependencies,
): Promise<Due | null> {
  const { principalId, key, endsAt } = notice;
  const left = endsAt - graphClock.now();
  if (settings.before === null || left < minute) return null;
  const early = left - settings.before;
  if (early > second) {
    await notices.send(noticeMessage(notice), Math.min(early, maxDelay));
    return null;
  }
  const { head, holdings } = (await loadPrincipal(principals, principalId)).state;
  const holding = holdings.get(key);
  // Ended already, or its end has moved: that has a notice of its own.
  if (head.kind !== "user" || holding === undefined || holding.absence !== null || knownEnd(holding) !== endsAt)
    return null;
  if (!isRole(holding)) return null;
  const { roleDefinitionId: id, directoryScopeId } = holding;
  if (!willBeCut(await readPolicy(), await isStopped(), principalId, id)) return null;
  const scope = directoryScopeId === "/" ? null : directoryScopeId;
  const privilege = { kind: "role" as const, id, name: await readRoleName(id, directory), scope };
  return {
    facts: { privilege: privilegeOf({ privilege }), endsAt },
    word: (facts) => wordBefore({ ...facts, minutes: Math.round(left / minute) }),
  };
}

async function send(
  notice: PersonNotice,
  { facts, word }: Due,
  { settings, sendMail, readRecipients }: PersonDependencies,
  { state, lanes, notices, random, telemetry }: NotifyDependencies,
): Promise<void> {
  const { person: kind, principalId, key, tries } = notice;
  const untold = (code: string) => telemetry.event("personUntold", { principalId, key, kind, code });
  const later = async (code: string) => {
    const wait = retryWaits[tries];
    if (wait === undefined) return untold(code);
    await notices.send(noticeMessage({ ...notice, tries: tries + 1 }), Math.round(wait * (1 + 0.2 * random())));
  };
  try {
    const { name, addresses } = (await readRecipients(principalId, settings.to)).value;
    const to = usableAddresses(addresses);
    if (to.length === 0) return untold("NO_ADDRESS");
    const toManager = settings.to === "manager";
    const mail = word({ ...facts, name, toManager, helpUrl: settings.helpUrl });
    const claim = await claimMail(state, principalId, key, kind);
    if (claim === null) return;
    const operationId = operationIdOf(principalId, key, kind);
    const result = await lanes.run(mailLane, () => sendMail({ ...mail, operationId, to }));
    switch (result?.kind) {
      case "taken":
        return telemetry.event("personTold", { principalId, key, kind, tries });
      case "uncertain":
        return untold("UNCERTAIN");
      case "refused":
        telemetry.alarm("mailRefused", { principalId, key, code: result.code });
        return;
      default:
        await claim.giveBack();
        await later(result?.code ?? "BUSY");
    }
  } catch (error) {
    if (!isGraphError(error)) throw error;
    await later(error.code);
  }
}
