import { plain } from "../plain.ts";
import { countStates, type Finding } from "./finding.ts";
import { onlyLive } from "./only-live.ts";

const marks: Readonly<Record<Finding["state"], string>> = {
  good: "ok",
  warning: "note",
  bad: "BAD",
  unknown: "?",
  notLookedAt: "-",
};

type Paint = (state: Finding["state"], text: string) => string;

/** The findings as a text for people: what, why, and what to do; the bad ones after the others, and the counts as the last line. */
export function reportText(findings: readonly Finding[], paint: Paint): string {
  const order = (["good", "notLookedAt", "unknown", "warning", "bad"] as const).flatMap((state) =>
    findings.filter((finding) => finding.state === state),
  );
  const lines = order.flatMap(({ check, state, what, why, fix }) => [
    `${paint(state, marks[state].padStart(4))}  ${plain(check).padEnd(11)} ${plain(what)}`,
    ...(why === undefined ? [] : [`      ${" ".repeat(11)} why: ${plain(why)}`]),
    ...(fix === undefined ? [] : [`      ${" ".repeat(11)} fix: ${plain(fix)}`]),
  ]);
  const { bad, notLookedAt, warning, unknown, good } = countStates(findings);
  return [
    ...lines,
    "",
    "What only a live tenant can prove:",
    ...onlyLive.map(({ fact, proof }) => `  - ${fact}: ${proof}`),
    "",
    `${bad} bad, ${notLookedAt} not looked at, ${warning} to note, ${unknown} unknown, ${good} ok`,
  ].join("\n");
}
