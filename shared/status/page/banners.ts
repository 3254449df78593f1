import { escapeHtml } from "../../html/escape-html.ts";
import type { Condition } from "../../operations/conditions.ts";
import type { Status } from "../status.ts";
import { person } from "./person.ts";
import { spellTime } from "./spell.ts";

const headings: Readonly<Record<Condition["kind"], string>> = {
  outage: "Outage",
  stopped: "Stopped",
  held: "Held",
  weaker: "Weaker enforcement",
};

/** What keeps the app from cutting as it should: since when, by whom and why. Then what else is wrong. */
export function banners(status: Status): string {
  const { conditions, problems } = status.health;
  const told = new Set(conditions.map(({ why }) => why));
  const others = problems.filter((problem) => !told.has(problem));
  return [
    ...conditions.map((condition) => banner(condition, status)),
    ...(others.length === 0
      ? []
      : [`<ul>${others.map((problem) => `<li class="bad">${escapeHtml(problem)}</li>`).join("")}</ul>`]),
  ].join("\n");
}

function banner({ kind, since, by, why }: Condition, { stopReason, names }: Status): string {
  const when = since === null ? "" : ` since ${spellTime(since)}`;
  const who = by === null ? "" : ` by ${person(by, names)}`;
  const reason = by === null || stopReason === null ? "" : `<q>${escapeHtml(stopReason)}</q> `;
  return `<section class="banner" aria-label="${headings[kind]}"><h2>${headings[kind]}${when}${who}</h2><p>${reason}${escapeHtml(why)}</p><p class="soft">What to do: ${runbook(kind)}</p></section>`;
}

/** A part of the runbook, as the alerts name it: the repository has no address that the app could know. */
export const runbook = (part: string): string => `<code>docs/operate.md#${escapeHtml(part)}</code>`;
