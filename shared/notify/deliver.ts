import { z } from "zod";
import { minute, second } from "../base/clock.ts";
import { rowKey } from "../base/keys.ts";
import { isGraphError } from "../graph/errors.ts";
import { parseRows, StorageConflictError, type Table } from "../storage/table.ts";
import { type Channel, sendBy } from "./channel.ts";
import { type Due, dueAfter, dueBefore, isForPerson } from "./due-mails.ts";
import { alarmContent, outcomeContent, type StandardContent } from "./formats.ts";
import { gather, sendGathered } from "./gather.ts";
import { operationIdOf, usableAddresses } from "./mail.ts";
import { filteredOutcome, isNewsAgain, wantsAlarms, wantsOutcome } from "./news.ts";
import {
  type AlarmNotice,
  type FoundOutcome,
  findOutcome,
  noticeMessage,
  type OutcomeNotice,
  type PersonNotice,
  parseNotice,
} from "./notice.ts";
import { type NotifyDependencies, type PersonDependencies, type Sent, sendOnce } from "./send.ts";
import { parkNotice } from "./undelivered.ts";
import { wordAlarm } from "./wording.ts";

/** Waits for the commit of the outcome, which follows its notice. If that commit failed, a later one sends a notice of its own. */
const commitWaits = [10 * second, minute, 5 * minute];

/**
 * Handles one message of the queue of notices. Notices have their own queue and function, so that a slow or broken receiver delays no revoke.
 * @throws NoticeError, StorageRowError, StorageUnavailableError: the host tries again, and at last moves the message to the poison queue
 */
export async function deliverNotice(message: unknown, dependencies: NotifyDependencies): Promise<void> {
  const notice = parseNotice(message);
  switch (notice.kind) {
    case "outcome":
      return deliverOutcome(notice, dependencies);
    case "alarm":
      return deliverAlarm(notice, dependencies);
    case "gathered":
      return sendGathered(notice, dependencies);
    case "person":
      return mailPerson(notice, dependencies);
  }
}

async function deliverOutcome(
  { principalId, key, channel: number, tries }: OutcomeNotice,
  dependencies: NotifyDependencies,
): Promise<void> {
  const { principals, notices, channels, telemetry } = dependencies;
  const found = await findOutcome(principalId, key, principals);
  if (number !== undefined) {
    const channel = channels.find((candidate) => candidate.number === number);
    // The outcome is past its retention, or the settings no longer have this channel.
    if (found === null || channel === undefined)
      telemetry.event("noticeDropped", { principalId, key, channel: number });
    else await sendOutcome(channel, found, tries, dependencies);
    return;
  }
  if (found === null) {
    const wait = commitWaits[tries];
    if (wait !== undefined) await notices.send(noticeMessage({ principalId, key, tries: tries + 1 }), wait);
    else telemetry.event("noticeDropped", { principalId, key });
    return;
  }
  if (isForPerson(found, dependencies))
    await notices.send(noticeMessage({ person: "after", principalId, key, tries: 0 }), 0);
  const facts = filteredOutcome(found.revocation, found.closed);
  const wanting = channels.filter(({ filter }) => wantsOutcome(filter, facts));
  // Channels for people come first, since they only need two writes to storage. Of the systems, one is served here, and each other one by a message
  // of its own, so that no receiver waits for another.
  const people = wanting.filter(({ form }) => form.for === "people");
  for (const channel of people) await sendOutcome(channel, found, 0, dependencies);
  const [first, ...others] = wanting.filter(({ form }) => form.for === "systems");
  for (const other of others)
    await notices.send(noticeMessage({ principalId, key, channel: other.number, tries: 0 }), 0);
  if (first !== undefined) await sendOutcome(first, found, 0, dependencies);
}

async function sendOutcome(
  channel: Channel,
  found: FoundOutcome,
  tries: number,
  dependencies: NotifyDependencies,
): Promise<void> {
  const { form } = channel;
  if (form.for === "people") return gather(channel.number, found, dependencies);
  const { notices, clock } = dependencies;
  const { principalId, revocation, closed } = found;
  const notice = { principalId, key: revocation.key, channel: channel.number };
  const content: StandardContent = outcomeContent(principalId, revocation, closed);
  const about = { principalId, key: revocation.key, outcome: closed.outcome };
  const sent = await sendOnce(channel, () => form.send(content, clock.now()), tries, about, dependencies);
  if (sent.kind === "later") await notices.send(noticeMessage({ ...notice, tries: sent.tries }), sent.wait);
  if (sent.kind === "park") await parkNotice({ ...notice, tries }, sent.code, dependencies);
}

/** An alarm is tried as often as an outcome, but never parked: the log has it in any case. */
async function deliverAlarm(notice: AlarmNotice, dependencies: NotifyDependencies): Promise<void> {
  const { state, notices, channels, cloud, clock, telemetry } = dependencies;
  const { channel: number, ...alarm } = notice;
  if (number === undefined) {
    if (!(await isNewsAgain(state, alarm.alarm))) return;
    for (const channel of channels.filter(({ filter }) => wantsAlarms(filter)))
      await notices.send(noticeMessage({ ...alarm, channel: channel.number, tries: 0 }), 0);
    return;
  }
  const channel = channels.find((candidate) => candidate.number === number);
  if (channel === undefined) return;
  const news = { kind: "alarm" as const, ...alarm };
  const send = sendBy(channel.form, alarmContent(news), wordAlarm(news, cloud), clock.now());
  const sent: Sent = await sendOnce(channel, send, alarm.tries, { principalId: alarm.principalId }, dependencies);
  if (sent.kind === "later") await notices.send(noticeMessage({ ...notice, tries: sent.tries }), sent.wait);
  if (sent.kind === "park") telemetry.event("noticeDropped", { channel: number, code: sent.code });
}

/** Waits after tries that certainly sent nothing. A mail that comes hours later would only confuse. */
const retryWaits = [30 * second, 2 * minute, 10 * minute, 30 * minute, 60 * minute];

/** The longest wait that Azure may ask for: a mail more than an hour later helps no more. */
const longestAsked = 60 * minute;

/** The lane of mails to people. The channels have the lanes 0 to 8. */
const mailLane = 9;

/**
 * Sends a mail to a user, once: a mail that may have been sent is not sent again.
 * @throws StorageRowError, StorageUnavailableError
 */
export async function mailPerson(notice: PersonNotice, dependencies: NotifyDependencies): Promise<void> {
  const { person } = dependencies;
  // The settings no longer want mails to people.
  if (person === null) return;
  const due =
    notice.person === "after"
      ? await dueAfter(notice, person, dependencies)
      : await dueBefore(notice, person, dependencies);
  if (due !== null) await send(notice, due, person, dependencies);
}

async function send(
  notice: PersonNotice,
  { facts, write, isUnknown = false }: Due,
  { settings, sendMail, readRecipients, readUser }: PersonDependencies,
  { state, lanes, notices, random, telemetry }: NotifyDependencies,
): Promise<void> {
  const { person: kind, principalId, key, tries } = notice;
  const unmailed = (code: string) => telemetry.event("personUnmailed", { principalId, key, kind, code });
  const later = async (code: string, asked = 0) => {
    const wait = retryWaits[tries];
    // Azure asks for a wait after which the mail would help no more: it is not sent.
    if (wait === undefined || asked > longestAsked) return unmailed(code);
    const drawn = Math.round(wait * (1 + 0.2 * random()));
    await notices.send(noticeMessage({ ...notice, tries: tries + 1 }), Math.max(drawn, asked));
  };
  try {
    const user = isUnknown ? await readUser(principalId) : null;
    // The app cannot sign out a guest or an application.
    if (isUnknown && (user === null || user.external)) return;
    const { name, addresses } = (await readRecipients(principalId, settings.to)).value;
    const to = usableAddresses(addresses);
    if (to.length === 0) return unmailed("NO_ADDRESS");
    const toManager = settings.to === "manager";
    const mail = write({ ...facts, name, toManager, helpUrl: settings.helpUrl });
    const about = aboutOf(notice);
    const claim = await claimMail(state, about);
    if (claim === null) return;
    const operationId = operationIdOf(...about);
    const result = await lanes.run(mailLane, () => sendMail({ ...mail, operationId, to }));
    switch (result?.kind) {
      case "taken":
        return telemetry.event("personMailed", { principalId, key, kind, tries });
      case "uncertain":
        return unmailed("UNCERTAIN");
      case "refused":
        telemetry.alarm("mailRefused", { principalId, key, code: `HTTP_${result.status}` });
        return;
      default:
        await claim.giveBack();
        await later(result?.code ?? "BUSY", result?.retryAfter ?? 0);
    }
  } catch (error) {
    if (!isGraphError(error)) throw error;
    await later(error.code);
  }
}

/** The parts that make a mail a different one: a moved end gets a new mail, and so does the end through another group. */
const aboutOf = (notice: PersonNotice): readonly [string, ...string[]] =>
  notice.person === "after"
    ? [notice.principalId, notice.key, notice.person]
    : [notice.principalId, notice.key, notice.person, notice.groupId ?? "own", new Date(notice.endsAt).toISOString()];

const partition = "mailedPeople";
const schema = z.object({ schema: z.literal(1) });

/** The right to send one mail, once. */
interface MailClaim {
  /** The mail was certainly not sent: another try is allowed. */
  giveBack(): Promise<void>;
}

/**
 * Stores, before a mail is sent, that it may have been sent: so it is never sent again, even if this process ends. Null when the mail has been sent, or
 * perhaps has. @throws the errors of storage
 */
async function claimMail(state: Table, about: readonly [string, ...string[]]): Promise<MailClaim | null> {
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

/** Removes the records of mails sent before this time, storage's epoch milliseconds. Rows of another version stay. */
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
