import type { Worded } from "./wording.ts";

const styles = { good: "good", neutral: "emphasis", bad: "attention" } as const;

/** Text runs show what they hold as it is: neither Markdown nor a template function works in them (Adaptive Cards docs: TextRun). */
const line = (label: string, text: string) => ({
  type: "RichTextBlock",
  spacing: "small",
  inlines: [
    ...(label === "" ? [] : [{ type: "TextRun", text: `${label}: `, weight: "bolder" }]),
    { type: "TextRun", text },
  ],
});

/** The card itself: Adaptive Cards 1.5, the newest that Teams shows everywhere (Teams docs: cards reference). Pure. */
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

/** What a Workflows webhook takes: "Post to a channel when a webhook request is received" (Teams docs: create incoming webhooks with Workflows). */
export const toTeamsBody = (worded: Worded) => ({
  type: "message",
  attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content: toCard(worded) }],
});
