import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { SubscriptionRecord } from "../notifications/subscription-record.ts";
import type { DerivedKeys } from "../secrets/derive-key.ts";

type Subject = Pick<SubscriptionRecord, "resource" | "nonce">;

/** The client state of one subscription: 43 characters that only our secret makes. One per creation, since each has a nonce of its own. */
export const clientState = (key: Buffer, { resource, nonce }: Subject): string =>
  createHmac("sha256", key).update(`${nonce} ${resource}`).digest("base64url");

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Tells a client state that was made with another key, and gives nothing of it away. */
export const markOf = (key: Buffer, subject: Subject): string =>
  digest(clientState(key, subject)).toString("hex").slice(0, 16);

/** What a client state of this subscription is compared with: one by the current secret, one by the previous. */
export const expectedStates = (keys: DerivedKeys, subject: Subject): readonly Buffer[] =>
  [keys.current, keys.previous ?? keys.current].map((key) => digest(clientState(key, subject)));

/** Whether a client state is one of these. Takes the same time whatever is given and wherever it differs: digests are compared, all to their end. */
export function isExpected(given: string, expected: readonly Buffer[]): boolean {
  const found = digest(given);
  return expected.map((one) => timingSafeEqual(found, one)).includes(true);
}
