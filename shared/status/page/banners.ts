import { escapeHtml } from "../../html/escape-html.ts";
import type { Condition } from "../../operations/conditions.ts";
import type { Status } from "../status.ts";
import { person } from "./person.ts";
import { whatToDo } from "./runbook.ts";
import { timeOf } from "./time.ts";

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

function banner({ kind, since, by, why }: Condition, status: Status): string {
  const { stopReason } = status;
  const when = since === null ? "" : ` since ${timeOf(since)}`;
  const who = by === null ? "" : ` by ${person(by, status)}`;
  const reason = by === null || stopReason === null ? "" : `<q>${escapeHtml(stopReason)}</q> `;
  return `<section class="banner" aria-label="${headings[kind]}"><h2>${headings[kind]}${when}${who}</h2><p>${reason}${escapeHtml(why)}</p>${whatToDo(kind, status)}</section>`;
}
