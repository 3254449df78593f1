import { escapeHtml } from "../../html/escape-html.ts";
import type { Status } from "../status.ts";

/** The orders that make sense now. Each asks for a reason, which is kept with who gave it and when; those that cut many ask once more. */
export function operatorForms({ health, pending, waitingPeople, operator }: Status): string {
  if (!operator.roles.includes("Cutoff.Operate")) {
    return '<h3>Orders</h3>\n<p class="soft">You may look. Orders need the app role Cutoff.Operate.</p>';
  }
  const people = waitingPeople === 1 ? "1 person" : `${waitingPeople} people`;
  const releasing = `Release what waits for an operator, of ${people}`;
  const forms = [
    ...(health.stopped ? resumeForms(pending.total) : [form("stop", "Stop all revokes", "bad")]),
    ...(waitingPeople > 0
      ? [
          form(
            "release",
            releasing,
            "",
            "",
            `${releasing}? Whoever lost a privilege for good is signed out everywhere.`,
          ),
        ]
      : []),
    ...(health.deadLetters > 0 ? [form("redrive", `Send ${health.deadLetters} parked messages again`, "")] : []),
  ];
  return `<h3>Orders</h3>\n${forms.join("\n")}`;
}

/** What is pending is shown above: whoever resumes says what becomes of it. */
function resumeForms(pending: number): readonly string[] {
  if (pending === 0) return [form("resume", "Resume", "")];
  const all = "Resume, and cut all that is pending";
  return [
    form("resume", "Resume, and cut what ended within the last hour", "", choice("false")),
    form("resume", all, "bad", choice("true"), `${all}: ${pending} ends?`),
  ];
}

const choice = (value: "true" | "false"): string => `<input type="hidden" name="carryOutPending" value="${value}">`;

function form(action: string, label: string, kind: string, more = "", question = ""): string {
  const ask = question === "" ? "" : ` data-ask="${escapeHtml(question)}"`;
  return `<form${ask}><input type="hidden" name="action" value="${action}">${more}<label>Reason for "${escapeHtml(label)}"<input name="reason" required maxlength="200" autocomplete="off"></label><button class="${kind}">${escapeHtml(label)}</button></form>`;
}
