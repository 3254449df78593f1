import { createHash, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import type { Clock, MonotonicTime } from "./clock.ts";

// No escape has this form: after "=" an escape has two hexadecimal digits.
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

/** The parts from which `rowKey` made a key; undefined for a shortened key and for a key that `rowKey` did not make. */
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

/** `CUTOFF_SECRET` and, while it is rotated, the one before it. Never logged and never used as a key itself. */
export interface Secrets {
  readonly current: string;
  readonly previous: string | null;
}

/** The purpose of a key. A person who learns the key of one purpose learns nothing of the others (RFC 5869, section 3.2). */
type KeyPurpose = "client-state" | "message" | "seal" | "webhook";

/** Keys of one purpose, 32 bytes each. New seals and marks use the current key; old ones may still have the previous key. */
export interface DerivedKeys {
  readonly current: Buffer;
  readonly previous: Buffer | null;
}

const salt = "pim-cutoff";
const keyBytes = 32;

/** A key of 32 bytes for one purpose, by HKDF-SHA256 (RFC 5869). The label holds a version, so that a purpose can get a new key. */
export const deriveKey = (secret: string, purpose: KeyPurpose): Buffer =>
  Buffer.from(hkdfSync("sha256", secret, salt, `pim-cutoff/v1/${purpose}`, keyBytes));

/** The keys of one purpose. */
export const deriveKeys = ({ current, previous }: Secrets, purpose: KeyPurpose): DerivedKeys => ({
  current: deriveKey(current, purpose),
  previous: previous === null ? null : deriveKey(previous, purpose),
});

const prepared = new WeakMap<Buffer, KeyObject>();

/** The key as Node's `KeyObject`: with plain bytes, which Node converts on each call, an HMAC takes several times as long. */
export function preparedKey(key: Buffer): KeyObject {
  const known = prepared.get(key);
  if (known !== undefined) return known;
  const made = createSecretKey(key);
  prepared.set(key, made);
  return made;
}

/** Longest partition or row key, characters: 1 KiB of UTF-16 (Azure docs: Understanding the Table service data model). */
export const maxKeyLength = 512;

/** Milliseconds: about the time in which a person tries again, and short enough to notice soon that the token service is back. */
const rememberedFor = 5000;

/**
 * Wraps the fetch of published keys: after a failure every call fails at once for a while. Otherwise, while the token service is slow, each forged
 * token would keep one request of ours waiting.
 */
export function rememberFailures(
  fetch: typeof globalThis.fetch,
  { monotonic }: Pick<Clock, "monotonic">,
): typeof globalThis.fetch {
  let failedAt: MonotonicTime = Number.NEGATIVE_INFINITY;
  return async (input, init) => {
    if (monotonic() - failedAt < rememberedFor) throw new TypeError("Keys could not be fetched a moment ago.");
    try {
      const response = await fetch(input, init);
      if (!response.ok) failedAt = monotonic();
      return response;
    } catch (error) {
      failedAt = monotonic();
      throw error;
    }
  };
}
