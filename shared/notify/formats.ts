import { createHash, createHmac } from "node:crypto";
import type { ContextBlock, HeaderBlock, KnownBlock, PlainTextElement, SectionBlock } from "@slack/types";
import type { Closed, PendingRevocation } from "../model/pending-revocation.ts";
import type { AlarmNews } from "./news.ts";
import { outcomeProperties } from "./notice.ts";
import { escapeSlack, type Worded } from "./wording.ts";

/** One HTTP message to a channel. */
export interface OutgoingMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The content of a message in the format `standard`: object ids, fixed words and times, never names. */
export interface StandardContent {
  /** The parts of the message's id. They are the same for every delivery of the same outcome or alarm, so that a receiver can recognise a repetition. */
  readonly idOf: readonly string[];
  readonly type: string;
  readonly timestamp: number;
  readonly data: Readonly<Record<string, string | boolean | null>>;
}

export const outcomeContent = (
  principalId: string,
  revocation: PendingRevocation,
  closed: Closed,
): StandardContent => ({
  idOf: [principalId, revocation.key],
  type: `outcome.${closed.outcome}`,
  timestamp: closed.closedAt,
  data: { principalId, ...outcomeProperties(revocation, closed) },
});

export const alarmContent = ({ alarm, principalId, at }: AlarmNews): StandardContent => ({
  idOf: ["alarm", alarm, String(at)],
  type: `alarm.${alarm}`,
  timestamp: at,
  data: { alarm, principalId },
});

export const testContent = (at: number): StandardContent => ({
  idOf: ["test", String(at)],
  type: "test",
  timestamp: at,
  data: {},
});

/**
 * A message as Standard Webhooks defines it, signed with each secret: during a rotation the receiver may know only one of them. `sentAt`: epoch
 * milliseconds by this machine's clock; receivers refuse a message that is minutes old. Pure.
 */
export function toStandardMessage(
  { idOf, type, timestamp, data }: StandardContent,
  secrets: readonly Uint8Array[],
  sentAt: number,
): OutgoingMessage {
  const id = `msg_${createHash("sha256").update(idOf.join("|")).digest("hex").slice(0, 32)}`;
  const sentSecond = String(Math.floor(sentAt / 1000));
  const body = JSON.stringify({ type, timestamp: new Date(timestamp).toISOString(), data });
  const sign = (secret: Uint8Array) =>
    `v1,${createHmac("sha256", secret).update(`${id}.${sentSecond}.${body}`).digest("base64")}`;
  const headers = {
    "Content-Type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": sentSecond,
    "webhook-signature": secrets.map(sign).join(" "),
  };
  return { headers, body };
}

/** A message of the other formats. It is not signed: only the secret address protects these receivers. Pure. */
export const toJsonMessage = (body: object): OutgoingMessage => ({
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

const styles = { good: "good", neutral: "emphasis", bad: "attention" } as const;

/** A text run shows its text unchanged: neither Markdown nor template functions work in it (Adaptive Cards docs: TextRun). */
const line = (label: string, text: string) => ({
  type: "RichTextBlock",
  spacing: "small",
  inlines: [
    ...(label === "" ? [] : [{ type: "TextRun", text: `${label}: `, weight: "bolder" }]),
    { type: "TextRun", text },
  ],
});

/** The card itself, in Adaptive Cards 1.5: the newest version that all Teams clients show (Teams docs: cards reference). Pure. */
export const toCard = ({ title, tone, facts, lines, link }: Worded) => ({
  $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
  type: "AdaptiveCard",
  version: "1.5",
  fallbackText: title,
  msteams: { width: "Full" },
  body: [
    {
      type: "Container",
      style: styles[tone],
      bleed: true,
      items: [{ type: "TextBlock", text: title, style: "heading", size: "large", weight: "bolder", wrap: true }],
    },
    ...facts.map(({ label, text }) => line(label, text)),
    ...lines.map((text) => line("", text)),
  ],
  actions: link === null ? [] : [{ type: "Action.OpenUrl", title: link.label, url: link.url }],
});

/** The body that a Workflows webhook accepts: "Post to a channel when a webhook request is received" (Teams docs: create incoming webhooks with Workflows). */
export const toTeamsBody = (worded: Worded) => ({
  type: "message",
  attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content: toCard(worded) }],
});

/** Slack interprets no mention, link or emoji in plain text (Slack docs: text object). */
const plain = (text: string): PlainTextElement => ({ type: "plain_text", text: escapeSlack(text), emoji: false });

/** The most fields of one section (Slack docs: section block). */
const mostFields = 10;

/** Emphasis in text, since some readers show no colour. */
const marks = { good: "", neutral: "", bad: "Attention: " } as const;

/** A message for an incoming webhook. Pure. */
export function toSlackBody({ title, tone, facts, lines, link }: Worded) {
  const header: HeaderBlock = { type: "header", text: plain(`${marks[tone]}${title}`) };
  const fields: SectionBlock[] = facts.length === 0 ? [] : [{ type: "section", fields: fieldsOf(facts) }];
  const listed = inSections(lines).map((text): SectionBlock => ({ type: "section", text: plain(text) }));
  const blocks: KnownBlock[] = [header, ...fields, ...listed, ...contextOf(link)];
  // Notifications show `text`, and screen readers read it.
  return {
    text: escapeSlack(`${marks[tone]}${title}`),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks,
  };
}

/** The most characters of one section's text (Slack docs: section block). */
const mostText = 3000;

/** The lines in as few sections as possible. Escaping turns one character into up to five. */
function inSections(lines: readonly string[]): readonly string[] {
  const sections: string[] = [];
  for (const line of lines) {
    const joined = [...sections.slice(-1), line].join("\n");
    if (escapeSlack(joined).length > mostText) sections.push(line);
    else sections.splice(-1, 1, joined);
  }
  return sections;
}

const fieldsOf = (facts: Worded["facts"]): PlainTextElement[] =>
  facts.slice(0, mostFields).map(({ label, text }) => plain(`${label}: ${text}`));

/** The only place with markup: the address and the label are the app's own. */
const contextOf = (link: Worded["link"]): ContextBlock[] =>
  link === null
    ? []
    : [
        {
          type: "context",
          elements: [{ type: "mrkdwn", text: `<${escapeSlack(link.url)}|${escapeSlack(link.label)}>` }],
        },
      ];
