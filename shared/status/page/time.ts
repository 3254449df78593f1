import { escapeHtml } from "../../html/escape-html.ts";
import { spellTime } from "./spell.ts";
import { type Markup, markup } from "./table.ts";

/** A moment in UTC; the page's script sets the reader's own time beside it. */
export const timeOf = (iso: string): string =>
  `<time datetime="${escapeHtml(iso)}">${escapeHtml(spellTime(iso))}</time>`;

export const timeCell = (iso: string): Markup => markup(timeOf(iso));

/** The same with the time that is left, which the script counts down. */
export const countdown = (iso: string): Markup =>
  markup(`<span data-countdown="${escapeHtml(iso)}"></span> ${timeOf(iso)}`);
