import type { ContextBlock, HeaderBlock, KnownBlock, PlainTextElement, SectionBlock } from "@slack/types";
import { escapeSlack } from "./untrusted.ts";
import type { Worded } from "./wording.ts";

/** In plain text Slack reads no mention, no link and no emoji (Slack docs: text object). */
const plain = (text: string): PlainTextElement => ({ type: "plain_text", text: escapeSlack(text), emoji: false });

/** Fields of one section (Slack docs: section block). */
const mostFields = 10;

/** Emphasis without colour: a reader that shows none says it all the same. */
const marks = { good: "", neutral: "", bad: "Attention: " } as const;

/** A message for an incoming webhook. Pure. */
export function toSlackBody({ title, tone, facts, lines, link }: Worded) {
  const header: HeaderBlock = { type: "header", text: plain(`${marks[tone]}${title}`) };
  const fields: SectionBlock[] = facts.length === 0 ? [] : [{ type: "section", fields: fieldsOf(facts) }];
  const listed = inSections(lines).map((text): SectionBlock => ({ type: "section", text: plain(text) }));
  const blocks: KnownBlock[] = [header, ...fields, ...listed, ...contextOf(link)];
  // `text` is what a notification shows, and what a screen reader reads.
  return {
    text: escapeSlack(`${marks[tone]}${title}`),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks,
  };
}

/** Characters of one section's text (Slack docs: section block). */
const mostText = 3000;

/** The lines in as few sections as hold them. Escaping makes a character up to five. */
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

/** Our own address and our own words: the one place where markup is meant. */
const contextOf = (link: Worded["link"]): ContextBlock[] =>
  link === null
    ? []
    : [
        {
          type: "context",
          elements: [{ type: "mrkdwn", text: `<${escapeSlack(link.url)}|${escapeSlack(link.label)}>` }],
        },
      ];
