import { escapeHtml } from "../../html/escape-html.ts";

/** Markup that was made here; whatever came from elsewhere has been escaped. */
export interface Markup {
  readonly html: string;
}

export const markup = (html: string): Markup => ({ html });

export interface Column {
  readonly name: string;
  readonly isNumber?: boolean;
}

/** A table that scrolls sideways in a narrow window, reachable by keyboard; a sentence instead when it is empty. */
export function table(
  label: string,
  columns: readonly Column[],
  rows: readonly (readonly (string | Markup)[])[],
  none: string,
): string {
  if (rows.length === 0) return `<p class="soft">${escapeHtml(none)}</p>`;
  const css = (at: number) => (columns[at]?.isNumber ? ' class="n"' : "");
  const cell = (value: string | Markup) => (typeof value === "string" ? escapeHtml(value) : value.html);
  const head = columns.map(({ name }, at) => `<th scope="col"${css(at)}>${escapeHtml(name)}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map((value, at) => `<td${css(at)}>${cell(value)}</td>`).join("")}</tr>`);
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(label)}">
<table><thead><tr>${head}</tr></thead>
<tbody>
${body.join("\n")}
</tbody></table></div>
<p class="soft hint" hidden>This table goes on: scroll it sideways. It has ${columns.length} columns.</p>`;
}
