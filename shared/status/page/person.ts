import { escapeHtml } from "../../html/escape-html.ts";

/** Whom an object id stands for: the name that the directory has, where it is known, and always the id. */
export function person(id: string, names: Readonly<Record<string, string>>): string {
  const name = Object.hasOwn(names, id) ? names[id] : undefined;
  const code = `<code>${escapeHtml(id)}</code>`;
  return name === undefined ? code : `<b>${escapeHtml(name)}</b> ${code}`;
}
