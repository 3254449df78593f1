import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { deriveKey, deriveKeys } from "../../../shared/base/keys.ts";

const secret = "a secret of at least thirty-two characters";

/** RFC 5869, section 2, by hand: one block is enough for 32 bytes. */
function byHand(text: string, info: string): Buffer {
  const extracted = createHmac("sha256", "pim-cutoff").update(text).digest();
  return createHmac("sha256", extracted)
    .update(info)
    .update(Buffer.from([1]))
    .digest();
}

test("a key is HKDF-SHA256 of the secret with the purpose in its label", () => {
  expect(deriveKey(secret, "seal").toString("hex")).toBe(byHand(secret, "pim-cutoff/v1/seal").toString("hex"));
});

test("each purpose and each secret has a key of its own", () => {
  const keys = [deriveKey(secret, "seal"), deriveKey(secret, "client-state"), deriveKey(`${secret}.`, "seal")];
  expect(new Set(keys.map((key) => key.toString("hex"))).size).toBe(3);
});

test("while the secret is rotated there is a previous key, and else none", () => {
  expect(deriveKeys({ current: secret, previous: null }, "seal")).toEqual({
    current: deriveKey(secret, "seal"),
    previous: null,
  });
  const rotated = deriveKeys({ current: `new ${secret}`, previous: secret }, "seal");
  expect(rotated.previous).toEqual(deriveKey(secret, "seal"));
  expect(rotated.current).not.toEqual(rotated.previous);
});
