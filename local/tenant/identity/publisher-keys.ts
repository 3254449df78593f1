import { randomUUID } from "node:crypto";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK } from "jose";

/** The keys of those tokens that are verified outside, so they are asymmetric: those that accompany notifications, and operators'. */
export interface PublisherKeys {
  /** What to sign with now. */
  current(): Promise<PublisherKey>;
  /** Signs with a new key from now on. The one before stays published, older ones do not. */
  rotate(): void;
  /** The public halves, as a JSON Web Key Set. */
  published(): Promise<{ keys: JWK[] }>;
}

export interface PublisherKey {
  readonly id: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** Makes the first key when it is first needed: few runs do. */
export function createPublisherKeys(): PublisherKeys {
  let keys: Promise<PublisherKey>[] = [];
  const current = () => {
    const [newest = create()] = keys;
    keys[0] = newest;
    return newest;
  };
  return {
    current,
    rotate() {
      keys = [create(), current()];
    },
    async published() {
      await current();
      return { keys: await Promise.all(keys.map(async (key) => toJwk(await key))) };
    },
  };
}

async function create(): Promise<PublisherKey> {
  return { id: randomUUID(), ...(await generateKeyPair("RS256")) };
}

async function toJwk({ id, publicKey }: PublisherKey): Promise<JWK> {
  return { ...(await exportJWK(publicKey)), kid: id, use: "sig", alg: "RS256" };
}
