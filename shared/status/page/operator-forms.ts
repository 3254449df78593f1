import { heldForReview } from "../../revocation/holds.ts";
import type { Status } from "../status-parts.ts";

/** The orders that make sense now. Each asks for a reason, which is kept with who gave it and when. */
export function operatorForms({ health, pending }: Status): string {
  const forms = [
    ...(health.stopped ? resumeForms(pending.total) : [form("stop", "Stop all revokes", "bad")]),
    ...(pending.shown.some(({ isHeldByThreshold, heldBy }) => isHeldByThreshold || heldBy === heldForReview)
      ? [form("release", "Release everything that waits for an operator", "")]
      : []),
    ...(health.deadLetters > 0 ? [form("redrive", `Send ${health.deadLetters} parked messages again`, "")] : []),
  ];
  return `<h3>Orders</h3>\n${forms.join("\n")}`;
}

/** What is pending is shown above: whoever resumes says what becomes of it. */
const resumeForms = (pending: number): readonly string[] =>
  pending === 0
    ? [form("resume", "Resume", "")]
    : [
        form("resume", "Resume, and cut what ended within the last hour", "", choice("false")),
        form("resume", "Resume, and cut all that is pending", "bad", choice("true")),
      ];

const choice = (value: "true" | "false"): string => `<input type="hidden" name="carryOutPending" value="${value}">`;

const form = (action: string, label: string, kind: string, more = ""): string =>
  `<form><input type="hidden" name="action" value="${action}">${more}<label>Reason for "${label}"<input name="reason" required maxlength="200" autocomplete="off"></label><button class="${kind}">${label}</button></form>`;
