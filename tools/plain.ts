/** Characters that move the cursor, hide text, reverse it or begin a new line. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Text made safe for a terminal: the authors of names of people, roles and files may put escape sequences into them.
 * @param kept characters that stay, e.g. the line breaks of a message
 */
export const plain = (text: string, kept = ""): string =>
  text.replace(unprintable, (found) => (kept.includes(found) ? found : "\u{fffd}"));

/** JSON made safe for a terminal: it says the same. The line breaks between its parts stay. */
export const plainJson = (json: string): string =>
  json.replace(unprintable, (found) => (found === "\n" ? found : found.split("").map(escapeUnit).join("")));

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
