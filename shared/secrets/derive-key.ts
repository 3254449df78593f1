import { hkdfSync } from "node:crypto";

/** `CUTOFF_SECRET` and, while it is rotated, the one before it. Never logged and never used as a key itself. */
export interface Secrets {
  readonly current: string;
  readonly previous: string | null;
}

/** What a key is for: whoever learns one of them learns nothing of the others (RFC 5869, section 3.2). */
export type KeyPurpose = "client-state" | "message" | "seal" | "webhook";

/** Keys of one purpose: new things are made with the current one, old ones may still be of the previous. 32 bytes each. */
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
