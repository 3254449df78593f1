import { z } from "zod";
import { second } from "../base/clock.ts";
import { rowKey } from "../base/keys.ts";
import { maxOperations, parseRows, type Row, StorageConflictError } from "../storage/table.ts";
import type { Channel, Form } from "./channel.ts";
import { noNames, type OutcomeNews, outcomeNews } from "./news.ts";
import { type FoundOutcome, findOutcome, type GatheredNotice, noticeMessage, type OutcomeNotice } from "./notice.ts";
import { type NotifyDependencies, readNames, sendOnce } from "./send.ts";
import { parkNotice } from "./undelivered.ts";
import { digestOrder, mostLines, type Worded, wordDigest, wordOutcome } from "./wording.ts";

const partition = "gathered";
const schema = z.object({
  schema: z.literal(1),
  principalId: z.string(),
  key: z.string(),
  sent: z.boolean(),
  /** Storage's time until which only one invocation may send it; 0: not claimed. */
  claimedUntil: z.number(),
});
interface Waiting {
  readonly row: Row;
  readonly content: Omit<z.infer<typeof schema>, "schema">;
}

const minuteLong = 60 * second;

/** Outcomes that come within this time after the first one are in the first message. */
const gatherFor = 2 * second;

/** The longest time that a delivery can take, storage included. */
const claimFor = minuteLong;

/** Sent outcomes are remembered for this time, so that a second notice of the same outcome sends no second message. */
const keepFor = 5 * minuteLong;

const placeOf = (channel: number, minute: number, ...parts: readonly string[]): string =>
  rowKey(String(channel), new Date(minute).toISOString(), ...parts);

/** Adds an outcome to those that the channel gets in one message: all of one minute. The minute is that of the outcome, so that a repetition has the same row. */
export async function gather(
  channel: number,
  { principalId, revocation: { key }, closed }: FoundOutcome,
  { state, notices, wakeUps }: NotifyDependencies,
): Promise<void> {
  const minute = Math.floor(closed.closedAt / minuteLong) * minuteLong;
  const content = { schema: 1, principalId, key, sent: false, claimedUntil: 0 };
  try {
    await state.commit(partition, [{ type: "insert", row: placeOf(channel, minute, principalId, key), content }]);
  } catch (error) {
    // The row exists already. Only the queue message that sends it may be missing.
    if (!(error instanceof StorageConflictError)) throw error;
  }
  await wakeUps.once(placeOf(channel, minute), gatherFor, () =>
    notices.send(noticeMessage({ minute, channel, tries: 0 }), gatherFor),
  );
}

/**
 * Sends the gathered outcomes of one minute to a channel: the first ones at once, all others in one message a minute later.
 * @throws the errors of storage
 */
export async function sendGathered(notice: GatheredNotice, dependencies: NotifyDependencies): Promise<void> {
  const { state, notices, channels, telemetry } = dependencies;
  const { minute, channel: number } = notice;
  const { value: rows, storageTime } = await state.list(partition, placeOf(number, minute, ""));
  const { read } = parseRows(rows, schema);
  const channel = channels.find((candidate) => candidate.number === number);
  const unsent = read.filter(({ content }) => !content.sent);
  if (channel === undefined || channel.form.for !== "people") {
    // The settings no longer have this channel, or not for people.
    if (unsent.length > 0) telemetry.event("noticeDropped", { channel: number });
    await remove(read, dependencies);
    return;
  }
  const again = (tries: number, wait: number) => notices.send(noticeMessage({ ...notice, tries }), wait);
  const sentAt = read.filter(({ content }) => content.sent).map(({ row }) => row.timestamp);
  if (unsent.length === 0) {
    if (sentAt.length > 0 && storageTime - Math.max(...sentAt) >= keepFor) await remove(read, dependencies);
    return;
  }
  const left = sentAt.length === 0 ? 0 : Math.max(...sentAt) + minuteLong - storageTime;
  if (left > 0) return again(notice.tries, left);
  const free = unsent.filter(({ content }) => content.claimedUntil <= storageTime).slice(0, maxOperations);
  const claimed = await change(free, { claimedUntil: storageTime + claimFor }, dependencies);
  // Another invocation sends them, or a later message does.
  if (claimed.length === 0) return;
  if (free.length === maxOperations) await again(0, gatherFor);
  await sendClaimed(channel.form, channel, notice, { claimed, storageTime }, dependencies);
}

async function sendClaimed(
  form: Extract<Form, { for: "people" }>,
  channel: Channel,
  notice: GatheredNotice,
  { claimed, storageTime }: { readonly claimed: readonly Waiting[]; readonly storageTime: number },
  dependencies: NotifyDependencies,
): Promise<void> {
  const { notices, principals } = dependencies;
  const found: FoundOutcome[] = [];
  for (const { content } of claimed) {
    const outcome = await findOutcome(content.principalId, content.key, principals);
    if (outcome !== null) found.push(outcome);
  }
  // The outcomes are past their retention: there is nothing to send.
  if (found.length === 0) return remove(claimed, dependencies);
  const worded = await textOf(found, dependencies);
  const about = found.length === 1 ? aboutOne(claimed[0]) : { outcomes: found.length };
  const sent = await sendOnce(channel, () => form.send(worded), notice.tries, about, dependencies);
  switch (sent.kind) {
    case "delivered":
      await change(claimed, { sent: true, claimedUntil: 0 }, dependencies);
      await notices.send(noticeMessage({ ...notice, tries: 0 }), keepFor + second);
      return;
    case "later":
      await notices.send(noticeMessage({ ...notice, tries: sent.tries }), sent.wait);
      // No earlier message may send them.
      await change(claimed, { claimedUntil: storageTime + sent.wait - second }, dependencies);
      return;
    case "park":
      for (const { content } of claimed) {
        const { principalId, key } = content;
        const parked: OutcomeNotice = { principalId, key, channel: channel.number, tries: notice.tries };
        await parkNotice(parked, sent.code, dependencies);
      }
      await remove(claimed, dependencies);
  }
}

const aboutOne = (waiting: Waiting | undefined) =>
  waiting === undefined ? {} : { principalId: waiting.content.principalId, key: waiting.content.key };

/** Reads names only for the outcomes that are shown, and a reason only for a single outcome: the audit log has a small quota, and detection needs it. */
async function textOf(found: readonly FoundOutcome[], dependencies: NotifyDependencies): Promise<Worded> {
  const { directory, showNames, readReason, cloud } = dependencies;
  const [single, ...others] = found;
  const reason =
    single === undefined || others.length > 0 || readReason === null
      ? null
      : await readReason(single.principalId, single.revocation);
  const plain = found.map((one) => ({ one, news: newsOf(one) }));
  const ordered = plain.toSorted((a, b) => digestOrder(a.news, b.news));
  const named: OutcomeNews[] = [];
  for (const { one, news } of ordered) {
    if (named.length >= mostLines) named.push(news);
    else named.push(newsOf(one, await readNames(one.principalId, one.revocation, directory, showNames)));
  }
  const [only, ...more] = named;
  return only !== undefined && more.length === 0 ? wordOutcome({ ...only, reason }, cloud) : wordDigest(named);
}

const newsOf = ({ principalId, revocation, closed }: FoundOutcome, names = noNames): OutcomeNews =>
  outcomeNews(principalId, revocation, closed, names);

/** Changes rows and returns them with their new etags; none when another invocation has changed one of them. */
async function change(
  waiting: readonly Waiting[],
  change: Partial<Waiting["content"]>,
  { state }: NotifyDependencies,
): Promise<readonly Waiting[]> {
  const changed = waiting.map(({ row, content }) => ({ row, content: { ...content, ...change } }));
  if (changed.length === 0) return [];
  try {
    const { value: etags } = await state.commit(
      partition,
      changed.map(({ row: { row, etag }, content }) => ({
        type: "replace",
        row,
        content: { schema: 1, ...content },
        etag,
      })),
    );
    return changed.map(({ row, content }) => ({ row: { ...row, etag: etags.get(row.row) ?? row.etag }, content }));
  } catch (error) {
    if (!(error instanceof StorageConflictError)) throw error;
    return [];
  }
}

async function remove(rows: readonly Waiting[], { state }: NotifyDependencies): Promise<void> {
  for (let from = 0; from < rows.length; from += maxOperations) {
    const part = rows.slice(from, from + maxOperations);
    try {
      await state.commit(
        partition,
        part.map(({ row: { row, etag } }) => ({ type: "delete", row, etag })),
      );
    } catch (error) {
      // Another invocation changes them. The next message removes the remaining rows.
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
}
