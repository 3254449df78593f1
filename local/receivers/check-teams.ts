import { createRequire } from "node:module";
import type * as Cards from "adaptivecards";
import { z } from "zod";
import cardJsonSchema from "../../test/fixtures/adaptive-card-1.5.json" with { type: "json" };

// Its entry for browsers is the only one that Node can load.
const AdaptiveCards: typeof Cards = createRequire(import.meta.url)("adaptivecards/dist/adaptivecards.js");

/** What a Workflows webhook takes (Teams docs: create incoming webhooks with Workflows). */
const messageSchema = z.strictObject({
  type: z.literal("message"),
  attachments: z
    .array(
      z.strictObject({
        contentType: z.literal("application/vnd.microsoft.card.adaptive"),
        contentUrl: z.null().optional(),
        content: z.looseObject({ type: z.literal("AdaptiveCard"), version: z.literal("1.5") }),
      }),
    )
    .length(1),
});

const cardSchema = z.fromJSONSchema(z.record(z.string(), z.json()).parse(cardJsonSchema));

/** Bytes of a message (Teams docs: limits and specifications). */
const mostBytes = 28 * 1024;

/** What a real receiver would not take of a message for Teams, by the schema of Adaptive Cards 1.5 and by Microsoft's own parser; empty when it takes all of it. */
export function checkTeams(text: string): readonly string[] {
  if (Buffer.byteLength(text) > mostBytes) return [`more than ${mostBytes} bytes`];
  const parsed = messageSchema.safeParse(parse(text));
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  const content = parsed.data.attachments.map((attachment) => attachment.content);
  return content.flatMap(checkCard);
}

function checkCard({ msteams: _, ...content }: Record<string, unknown>): readonly string[] {
  // `msteams` is Teams' own addition to a card (Teams docs: format cards).
  const found = cardSchema.safeParse(content);
  if (!found.success) return found.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_5);
  const card = new AdaptiveCards.AdaptiveCard();
  card.parse(content, context);
  const problems = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message);
  // What it does not know it leaves out silently: compare.
  const known = new Set(names(card.toJSON()));
  const unknown = names(content).filter((name) => !known.has(name) && !isDefault(name));
  return [...problems, ...unknown.map((name) => `${name} is no property of a card`)];
}

/** Properties that the parser does not write, since the card says what is the default anyway. */
const isDefault = (name: string): boolean => name === "actions";

function names(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(names);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [name, ...names(part)]);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
