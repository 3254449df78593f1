import { StorageLimitError } from "./storage-errors.ts";

/** Longest partition or row key, characters: 1 KiB of UTF-16 (Azure docs: Understanding the Table service data model). */
export const maxKeyLength = 512;

// Azure forbids / \ # ? and control characters in keys. Beyond ASCII the order of keys is nowhere promised: so no other characters either.
const allowed = /^[ !"$-.0->@-[\]-~]*$/;

/**
 * Checks a partition or row key. `rowKey` of `keys.ts` builds keys that always pass.
 * @throws StorageLimitError when it is empty, too long, or holds a character that Azure forbids or that is not printable ASCII.
 */
export function checkKey(key: string): void {
  if (key.length === 0) throw new StorageLimitError("A table key must not be empty.");
  checkPrefix(key);
}

/** As `checkKey`, for the beginning of a row key: the empty string stands for every row. */
export function checkPrefix(prefix: string): void {
  if (prefix.length > maxKeyLength) {
    throw new StorageLimitError(`A table key has ${prefix.length} characters; at most ${maxKeyLength} fit.`);
  }
  if (!allowed.test(prefix)) {
    throw new StorageLimitError("A table key holds a character that is not allowed: build it with rowKey().");
  }
}
