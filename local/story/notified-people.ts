import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Receivers } from "../receivers/start-receivers.ts";
import { janesAddress } from "./cast.ts";
import type { Chapter } from "./chapter.ts";
import { say } from "./print.ts";
import { type Promised, promised } from "./promises.ts";

/** What people got, as the receivers read it. */
export interface NotifiedPeople {
  readonly card: readonly string[] | null;
  readonly mail: { readonly to: string; readonly subject: string; readonly text: string } | null;
  /** What a real Teams or Azure would not have taken. */
  readonly problems: readonly string[];
}

/** Milliseconds: gathering takes two seconds, a queue one more. */
const patience = 15_000;

const cardSchema = z.object({
  attachments: z.array(
    z.object({
      content: z.object({
        body: z.array(
          z.object({
            items: z.array(z.object({ text: z.string() })).optional(),
            inlines: z.array(z.object({ text: z.string() })).optional(),
          }),
        ),
      }),
    }),
  ),
});
const mailSchema = z.object({
  recipients: z.object({ to: z.array(z.object({ address: z.string() })) }),
  content: z.object({ subject: z.string(), plainText: z.string() }),
});

/** What the end of Jane's role brought to people: a card in Teams, and a mail to her. */
export const notifiedChapter = (receivers: Receivers): Chapter => ({
  name: "notified",
  title: "What people were told",
  prepare: async () => async () => {
    const facts = await waitForMessages(receivers);
    for (const line of facts.card ?? ["no card came"]) say(null, `Teams  ${line}`);
    const mail =
      facts.mail === null
        ? ["no mail came"]
        : [`to ${facts.mail.to}: ${facts.mail.subject}`, ...facts.mail.text.split("\n\n")];
    for (const line of mail) say(null, `mail   ${line}`);
    return { facts, promises: notifiedPromises(facts) };
  },
});

async function waitForMessages({ received }: Receivers): Promise<NotifiedPeople> {
  const cardFor = () => received.find(({ to, text }) => to === "teams" && text.includes("Jane"));
  const mailFor = () => received.find(({ to, text }) => to === "mail" && text.includes(janesAddress));
  for (let waited = 0; waited < patience && !(cardFor() && mailFor()); waited += 100) await delay(100);
  const [card, mail] = [cardFor(), mailFor()];
  return {
    card: card === undefined ? null : linesOf(card.text),
    mail: mail === undefined ? null : mailOf(mail.text),
    problems: received.flatMap(({ problems }) => problems),
  };
}

function linesOf(text: string): readonly string[] {
  const { attachments } = cardSchema.parse(JSON.parse(text));
  return attachments.flatMap(({ content }) =>
    content.body.map(({ items = [], inlines = [] }) => [...items, ...inlines].map((part) => part.text).join("")),
  );
}

function mailOf(text: string): NonNullable<NotifiedPeople["mail"]> {
  const { recipients, content } = mailSchema.parse(JSON.parse(text));
  return {
    to: recipients.to.map(({ address }) => address).join(", "),
    subject: content.subject,
    text: content.plainText,
  };
}

export const notifiedPromises = ({ card, mail, problems }: NotifiedPeople): readonly Promised[] => [
  promised("a card in Teams says what was done", card?.includes("Sign-in sessions revoked") ?? false),
  promised("Jane got a mail that says why, without a link", mail !== null && !/https?:/.test(mail.text)),
  promised("the receivers would have taken every message", problems.length === 0),
];
