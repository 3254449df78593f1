import { answerNamed } from "./end-row.ts";

/** Those of `npm run table:ends`. */
export const tableOptions = { check: { type: "boolean" } } as const;

/**
 * What Continuous Access Evaluation reacts to by itself: the complete list of its critical events (Entra docs:
 * concept-continuous-access-evaluation). No end of a role or membership is among them.
 */
const criticalEvents: readonly string[] = [
  "A user is disabled or deleted",
  "A password is changed or reset",
  "Multifactor authentication is enabled for a user",
  "An administrator revokes all refresh tokens",
  "A high user risk is detected",
];

const declaration = /endRow\(\s*"([^"]+)",\s*"(\w+)",?\s*\)/g;

/** The rows that the source of a test file declares, as they stand in the titles of its tests. */
export const declaredRows = (source: string): readonly string[] =>
  [...source.matchAll(declaration)].map(([, end = "", answer = ""]) => `${end} | ${answerNamed(answer)}`);

export const tableBegin = "<!-- ends:begin -->";
export const tableEnd = "<!-- ends:end -->";

/** The documented table: first what CAE cuts by itself, then the given rows in their order, as nobody else cuts them. */
export const endsTable = (rows: readonly string[]): string =>
  [
    "| event | Continuous Access Evaluation by itself | pim-cutoff |",
    "| --- | --- | --- |",
    ...criticalEvents.map((event) => `| ${event} | cuts | has nothing to add |`),
    ...rows.map((row) => {
      const [end, answer] = row.split(" | ");
      return `| ${end} | no | ${answer} |`;
    }),
  ].join("\n");

/** The text with the table between its two marks. */
export function withTable(text: string, table: string): string {
  const [before, rest] = text.split(tableBegin);
  const after = rest?.split(tableEnd)[1];
  if (before === undefined || after === undefined) throw new Error(`There is no ${tableBegin} and ${tableEnd}.`);
  return `${before}${tableBegin}\n${table}\n${tableEnd}${after}`;
}
