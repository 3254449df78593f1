import { plain } from "../plain.ts";
import type { Finding } from "./finding.ts";
import { onlyLive } from "./only-live.ts";

const marks: Readonly<Record<Finding["state"], string>> = { good: "ok", warning: "note", bad: "BAD", unknown: "?" };

type Paint = (state: Finding["state"], text: string) => string;

/** For people: what, why, and what to do; the bad ones last, where the eye is. */
export function reportText(findings: readonly Finding[], paint: Paint): string {
  const order = (["good", "unknown", "warning", "bad"] as const).flatMap((state) =>
    findings.filter((finding) => finding.state === state),
  );
  const lines = order.flatMap(({ check, state, what, why, fix }) => [
    `${paint(state, marks[state].padStart(4))}  ${plain(check).padEnd(11)} ${plain(what)}`,
    ...(why === undefined ? [] : [`      ${" ".repeat(11)} why: ${plain(why)}`]),
    ...(fix === undefined ? [] : [`      ${" ".repeat(11)} fix: ${plain(fix)}`]),
  ]);
  const count = (state: Finding["state"]) => findings.filter((finding) => finding.state === state).length;
  return [
    ...lines,
    "",
    `${count("bad")} bad, ${count("warning")} to note, ${count("unknown")} unknown, ${count("good")} ok`,
    "",
    "What only a live tenant can prove:",
    ...onlyLive.map(({ fact, proof }) => `  - ${fact}: ${proof}`),
  ].join("\n");
}
