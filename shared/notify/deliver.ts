import { isNewsAgain } from "./alarm-notices.ts";
import { type Channel, sendBy } from "./channel.ts";
import { isForPerson } from "./due-mails.ts";
import { alarmContent, outcomeContent, type StandardContent } from "./formats.ts";
import { gather, sendGathered } from "./gather.ts";
import { filteredOutcome, wantsAlarms, wantsOutcome } from "./news.ts";
import {
  type AlarmNotice,
  type FoundOutcome,
  findOutcome,
  noticeMessage,
  type OutcomeNotice,
  parseNotice,
} from "./notice.ts";
import { mailPerson } from "./person.ts";
import { type NotifyDependencies, type Sent, sendOnce } from "./send.ts";
import { parkNotice } from "./undelivered.ts";
import { wordAlarm } from "./wording.ts";

const second = 1000;
const minute = 60 * second;

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
