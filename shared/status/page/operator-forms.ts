import type { Status } from "../status.ts";

/** The orders that make sense now. Each asks for a reason, which is kept with who gave it and when. */
export function operatorForms({ health, pending }: Status): string {
  const forms = [
    health.stopped ? form("resume", "Resume", "") : form("stop", "Stop all revokes", "bad"),
    ...(pending.shown.some(({ isHeldByThreshold }) => isHeldByThreshold)
      ? [form("release", "Release everything that the threshold holds", "")]
      : []),
    ...(health.deadLetters > 0 ? [form("redrive", `Send ${health.deadLetters} parked messages again`, "")] : []),
  ];
  return `<h3>Orders</h3>\n${forms.join("\n")}`;
}

const form = (action: string, label: string, kind: string): string =>
  `<form><input type="hidden" name="action" value="${action}"><label>Reason for "${label}"<input name="reason" required maxlength="200" autocomplete="off"></label><button class="${kind}">${label}</button></form>`;
