import { createHash } from "node:crypto";
import { maxKeyLength } from "../storage/check-key.ts";

// No escape looks like it: after "=" an escape has two hexadecimal digits.
const digestMark = "=sha256.";

/**
 * A table key from parts: joined with `|`, everything outside `[A-Za-z0-9_.:-]` escaped as its UTF-8 bytes, e.g. `/` as `=2F`.
 * Different parts give different keys. A key above 512 characters keeps its beginning and ends in a SHA-256 of all of it.
 * A last part of `""` gives the prefix of all keys that begin with the parts before it.
 * @throws URIError for a lone surrogate, which has no UTF-8 form.
 */
export function rowKey(...parts: readonly [string, ...string[]]): string {
  const key = parts.map(escapePart).join("|");
  if (key.length <= maxKeyLength) return key;
  const ending = digestMark + createHash("sha256").update(key).digest("hex");
  return key.slice(0, maxKeyLength - ending.length) + ending;
}

/** The parts that `rowKey` was given; undefined for a shortened key and for one that `rowKey` did not make. */
export function parseRowKey(key: string): readonly string[] | undefined {
  if (!/^(?:[A-Za-z0-9_.:|-]|=[0-9A-F]{2})*$/.test(key)) return undefined;
  try {
    const parts = key.split("|").map((part) => decodeURIComponent(part.replaceAll("=", "%")));
    return parts.map(escapePart).join("|") === key ? parts : undefined;
  } catch (error) {
    // Escapes that are not UTF-8.
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

const escapePart = (part: string): string =>
  encodeURIComponent(part)
    .replaceAll("%3A", ":")
    .replace(/[!~*'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%", "=");
