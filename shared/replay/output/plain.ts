/** Text of an export made safe for a terminal: names are written by whoever may write to the directory, escape sequences included. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\u{fffd}");
