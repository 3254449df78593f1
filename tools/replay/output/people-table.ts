import type { Report } from "../report.ts";
import { count, span } from "./sentences.ts";

/** The headings over the numbers of the most affected people. */
export const personColumns = ({ activity }: Report): readonly string[] => [
  "sign-outs",
  "ends",
  "token outlives",
  "narrowed",
  ...(activity ? ["calls after"] : []),
];

/** A row per person: the name, then a number for each column. */
export const personRows = ({ people, activity }: Report): readonly (readonly string[])[] =>
  people.map((one) => [
    one.name,
    count(one.signOuts),
    count(one.ends),
    span(one.upperBound),
    span(one.narrowed),
    ...(activity ? [count(one.survivingCalls ?? 0)] : []),
  ]);
