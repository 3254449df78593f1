/**
 * Text of an export made safe for a terminal: names are written by whoever may write to the directory, escape sequences included.
 * @param kept characters that stay, e.g. the line breaks of a message
 */
export const plain = (text: string, kept = ""): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (found) => (kept.includes(found) ? found : "\u{fffd}"));
