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

/** Waits for the commit that the notice was sent before. If it never comes, the next one sends a notice of its own. */
const commitWaits = [10 * second, minute, 5 * minute];

/**
 * Takes one message of the queue of notices. A queue and a function of its own: a receiver that is slow or down delays no revoke.
 * @throws NoticeError, StorageRowError, StorageUnavailableError: the host tries again, and parks it in the poison queue
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
    // The retention has forgotten it, or the settings have no such channel any more.
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
  // To people it takes two writes, so that is done first. One message is sent here, the others bring their own: none waits for another's receiver.
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

/** An alarm is in the log whatever becomes of this: it is tried as long as an outcome, but never parked. */
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
