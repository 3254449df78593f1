import { z } from "zod";

// Limits and forms of Block Kit as Slack's reference has them (Slack docs: blocks; composition objects: text).
const plain = (most: number) =>
  z.strictObject({ type: z.literal("plain_text"), text: z.string().min(1).max(most), emoji: z.boolean().optional() });
const mrkdwn = (most: number) =>
  z.strictObject({ type: z.literal("mrkdwn"), text: z.string().min(1).max(most), verbatim: z.boolean().optional() });
const either = (most: number) => z.discriminatedUnion("type", [plain(most), mrkdwn(most)]);

const block = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("header"), text: plain(150) }),
  z
    .strictObject({
      type: z.literal("section"),
      text: either(3000).optional(),
      fields: z.array(either(2000)).min(1).max(10).optional(),
    })
    .refine(({ text, fields }) => text !== undefined || fields !== undefined, "a section needs text or fields"),
  z.strictObject({ type: z.literal("context"), elements: z.array(either(2000)).min(1).max(10) }),
  z.strictObject({ type: z.literal("divider") }),
]);

const messageSchema = z.strictObject({
  text: z.string().min(1).max(40_000),
  mrkdwn: z.boolean().optional(),
  unfurl_links: z.boolean().optional(),
  unfurl_media: z.boolean().optional(),
  blocks: z.array(block).min(1).max(50),
});

/** What an incoming webhook of Slack would not take of a message (`invalid_payload`, `invalid_blocks`); empty when it takes all of it. */
export function checkSlack(text: string): readonly string[] {
  const parsed = messageSchema.safeParse(parse(text));
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

/** Whom a message would call: Slack reads these in any text (Slack docs: formatting text for app surfaces, mentions). */
export const slackMentions = (text: string): readonly string[] => text.match(/<[!@#][^>]*>/g) ?? [];

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
