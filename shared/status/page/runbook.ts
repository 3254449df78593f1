import { escapeHtml } from "../../html/escape-html.ts";
import type { Status } from "../status.ts";

/** A part of docs/operate.md, as the alerts name it, and as a link where a setting says where it can be read. */
export function runbook(part: string, { runbook: url }: Pick<Status, "runbook">): string {
  const text = `docs/operate.md#${escapeHtml(part)}`;
  if (url === null) return `<code>${text}</code>`;
  return `<a href="${escapeHtml(`${url.replace(/#.*/, "")}#${part}`)}" target="_blank" rel="noopener noreferrer">${text}</a>`;
}

export const whatToDo = (part: string, status: Pick<Status, "runbook">): string =>
  `<p class="soft">What to do: ${runbook(part, status)}</p>`;
