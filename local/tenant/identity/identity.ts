import { randomBytes, randomUUID } from "node:crypto";
import { createPublisherKeys, type PublisherKeys } from "./publisher-keys.ts";

/** Who the tenant is and what it signs with. Made once per process, so that tokens outlive a reset. */
export interface Identity {
  readonly tenantId: string;
  /** Client id of the managed identity. */
  readonly appId: string;
  /** Client id of the app registration whose app roles operators of the app have. */
  readonly operatorsAppId: string;
  readonly issuer: string;
  /** What callers of the managed-identity endpoint must send as `X-IDENTITY-HEADER`. */
  readonly identityHeader: string;
  /** HMAC key of all tokens that nobody outside verifies, so it never leaves. */
  readonly key: Uint8Array;
  readonly publisherKeys: PublisherKeys;
}

export function createIdentity(): Identity {
  const tenantId = randomUUID();
  return {
    tenantId,
    appId: randomUUID(),
    operatorsAppId: randomUUID(),
    issuer: `https://simulated.example/${tenantId}/v2.0`,
    identityHeader: randomBytes(16).toString("hex"),
    key: randomBytes(32),
    publisherKeys: createPublisherKeys(),
  };
}
