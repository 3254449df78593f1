/**
 * Names come from the very people who are cut, or from whoever may edit them. What they wrote becomes one short plain line here, before any
 * format sees it: no link, no mention, no markup, no invisible character. Each format escapes what is special to it on top of that.
 */

/** Characters that start markup, a mention or a template in some format, and what is shown instead: it looks alike and means nothing. */
const harmless: ReadonlyMap<string, string> = new Map([
  ["<", "\u2039"],
  [">", "\u203a"],
  ["@", "\uff20"],
  ["`", "'"],
  ["[", "("],
  ["]", ")"],
  ["{", "("],
  ["}", ")"],
  ["*", "\u2217"],
  ["|", "\u00a6"],
  ["\\", "/"],
  ["#", "\uff03"],
  ["~", "-"],
]);
const special = /[<>@`[\]{}*|\\#~]/g;

const longestName = 80;

/** One line of plain text, cut to `most` characters. Empty when nothing that can be shown is left. Pure. */
export function plainLine(text: string, most = longestName): string {
  const visible = text
    .normalize("NFC")
    // Format characters (bidirectional controls, zero widths, tags), lone surrogates, private and unassigned ones.
    .replace(/[\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, "")
    .replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    // A tower of accents covers the lines around it.
    .replace(/(\p{M}{3})\p{M}+/gu, "$1")
    .replace(special, (character) => harmless.get(character) ?? "");
  return cut(withoutLinks(visible).trim(), most);
}

/** Clients make links of what looks like one: a dot or a colon inside a word is shown as a character that no address has. */
const withoutLinks = (text: string): string =>
  text.replace(/(?<=[^\s.])\.(?=[^\s.])/gu, "\u2024").replace(/:(?=\S)/gu, "\u2236");

function cut(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most
    ? text
    : `${characters
        .slice(0, most - 1)
        .join("")
        .trimEnd()}\u2026`;
}

/** For Slack, which knows three special characters (Slack docs: formatting text for app surfaces). */
export const escapeSlack = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** For HTML, inside elements and quoted attributes. */
export const escapeHtml = (text: string): string =>
  escapeSlack(text).replaceAll('"', "&quot;").replaceAll("'", "&#39;");
