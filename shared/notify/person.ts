import { z } from "zod";
import { rowKey } from "../base/keys.ts";
import { isEnforced, type ResolvedPolicy } from "../enforcement/policy.ts";
import { judgeScope } from "../enforcement/scope.ts";
import { isGraphError } from "../graph/errors.ts";
import { knownEnd } from "../model/holding.ts";
import { loadPrincipal } from "../model/load.ts";
import { isRole, isRule } from "../model/pending-revocation.ts";
import { maxDelay } from "../storage/queue.ts";
import { parseRows } from "../storage/rows.ts";
import { StorageConflictError, type Table } from "../storage/table.ts";
import { type MailFacts, operationIdOf, usableAddresses, wordAfter, wordBefore } from "./mail.ts";
import { outcomeNews } from "./news.ts";
import {
  type AfterNotice,
  type BeforeNotice,
  type FoundOutcome,
  findOutcome,
  noticeMessage,
  type PersonNotice,
} from "./notice.ts";
import { type NotifyDependencies, type PersonDependencies, readNames, readRoleName } from "./send.ts";
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
  { revocation, closed }: FoundOutcome,
  { person }: Pick<NotifyDependencies, "person">,
): boolean => person !== null && closed.outcome === "revoked" && !isRule(revocation);

/** Whether the policy lets this person be cut: whoever is spared gets no mail. Pure. */
const isInScope = (policy: ResolvedPolicy, principalId: string): boolean =>
  judgeScope(principalId, policy.scope) === "in";

/** Whether the end of this role will be a sign-out, as far as anybody can tell before. Pure. */
const willBeCut = (policy: ResolvedPolicy, stopped: boolean, principalId: string, roleDefinitionId: string): boolean =>
  policy.mode === "enforce" &&
  !policy.stopped &&
  !stopped &&
  isEnforced(roleDefinitionId, policy.enforcedRoles) === "yes" &&
  isInScope(policy, principalId);

/**
 * Tells a person by mail, once: what was perhaps sent is not sent again.
 * @throws StorageRowError, StorageUnavailableError
 */
export async function mailPerson(notice: PersonNotice, dependencies: NotifyDependencies): Promise<void> {
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
  const { revocation, closed } = found;
  const names = await readNames(principalId, revocation, directory, showNames);
  const { privilege } = outcomeNews(principalId, revocation, closed, names);
  const end =
    revocation.planned && revocation.endDateTime !== null ? Date.parse(revocation.endDateTime) : revocation.cutOff;
  return {
    facts: { privilege: privilegeOf({ privilege }), endsAt: end },
    word: (facts) => wordAfter({ ...facts, end: ends[revocation.end], cutAt: closed.acceptedAt ?? closed.closedAt }),
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
  const unmailed = (code: string) => telemetry.event("personUnmailed", { principalId, key, kind, code });
  const later = async (code: string) => {
    const wait = retryWaits[tries];
    if (wait === undefined) return unmailed(code);
    await notices.send(noticeMessage({ ...notice, tries: tries + 1 }), Math.round(wait * (1 + 0.2 * random())));
  };
  try {
    const { name, addresses } = (await readRecipients(principalId, settings.to)).value;
    const to = usableAddresses(addresses);
    if (to.length === 0) return unmailed("NO_ADDRESS");
    const toManager = settings.to === "manager";
    const mail = word({ ...facts, name, toManager, helpUrl: settings.helpUrl });
    const claim = await claimMail(state, principalId, key, kind);
    if (claim === null) return;
    const operationId = operationIdOf(principalId, key, kind);
    const result = await lanes.run(mailLane, () => sendMail({ ...mail, operationId, to }));
    switch (result?.kind) {
      case "taken":
        return telemetry.event("personMailed", { principalId, key, kind, tries });
      case "uncertain":
        return unmailed("UNCERTAIN");
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

const partition = "toldPeople";
const schema = z.object({ schema: z.literal(1) });

/** The right to send one mail, once. */
interface MailClaim {
  /** The mail was certainly not sent: somebody may try again. */
  giveBack(): Promise<void>;
}

/**
 * Notes that a mail is about to be sent, before it is: what may have been sent is never sent again, whatever happens to this process. Null when
 * somebody has sent it, or perhaps has. @throws the errors of storage
 */
async function claimMail(state: Table, ...about: readonly [string, string, string]): Promise<MailClaim | null> {
  const row = rowKey(...about);
  try {
    const { value: etags } = await state.commit(partition, [{ type: "insert", row, content: { schema: 1 } }]);
    return {
      async giveBack() {
        await state.commit(partition, [{ type: "delete", row, etag: etags.get(row) ?? "" }]);
      },
    };
  } catch (error) {
    if (error instanceof StorageConflictError) return null;
    throw error;
  }
}

/** Forgets what was sent before this time, storage's epoch milliseconds. What another version wrote stays. */
export async function purgeMailedPeople(state: Table, before: number): Promise<void> {
  const { read } = parseRows((await state.list(partition)).value, schema);
  for (const { row } of read.filter(({ row }) => row.timestamp < before)) {
    try {
      await state.commit(partition, [{ type: "delete", row: row.row, etag: row.etag }]);
    } catch (error) {
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
}
