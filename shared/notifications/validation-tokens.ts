import { createRemoteJWKSet, customFetch, errors, jwtVerify } from "jose";
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { rememberFailures } from "../base/published-keys.ts";

/** App id of Graph's notification publisher (Graph docs: change notifications with resource data). */
const publisher = "0bf30f3b-4a52-48df-9a82-234910c4a086";

interface TokenRules {
  /** Our own client id. */
  readonly audience: string;
  readonly tenantId: string;
}

/** `unknown`: the keys could not be fetched, or may not be fetched again yet, so the token cannot be checked now. */
type TokenVerdict = "good" | "bad" | "unknown";

/** Whether each of these tokens was issued to Graph's publisher, for our app and tenant, and is still valid. */
export type ValidateTokens = (tokens: readonly string[], rules: TokenRules) => Promise<TokenVerdict>;

interface TokenDependencies {
  /** Origin of the token issuer, e.g. `https://login.microsoftonline.com`. */
  readonly authority: string;
  readonly fetch: typeof globalThis.fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly monotonic: Clock["monotonic"];
}

const issued = z.object({
  tid: z.string(),
  ver: z.enum(["1.0", "2.0"]),
  appid: z.string().optional(),
  azp: z.string().optional(),
});

/** Whether a failure shows nothing about the token. */
const isUnanswered = (error: unknown): boolean =>
  error instanceof errors.JWKSTimeout ||
  error instanceof TypeError ||
  (error instanceof errors.JOSEError && error.code === "ERR_JOSE_GENERIC");

/**
 * Caches the keys. An unknown key id, which a key rotation brings, leads to another fetch, at most every 30 s. Until that is allowed, a forged key id
 * cannot be distinguished from a new one, and the verdict is `unknown`.
 */
export function createTokenValidator({ authority, fetch, now, monotonic }: TokenDependencies): ValidateTokens {
  const url = new URL("/common/discovery/v2.0/keys", authority);
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: 1500,
    cooldownDuration: 30_000,
    cacheMaxAge: 12 * 3_600_000,
    [customFetch]: rememberFailures(fetch, { monotonic }),
  });

  const isGood = async (token: string, { audience, tenantId }: TokenRules): Promise<boolean> => {
    const issuers = [`https://sts.windows.net/${tenantId}/`, `${authority}/${tenantId}/v2.0`];
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ["RS256"],
      audience,
      issuer: issuers,
      requiredClaims: ["exp"],
      clockTolerance: 60,
      currentDate: new Date(now()),
    });
    const claims = issued.safeParse(payload).data;
    if (claims === undefined || claims.tid.toLowerCase() !== tenantId) return false;
    // Issuer and app claim differ between token versions (Graph docs: change notifications with resource data).
    const [issuer, app] = claims.ver === "1.0" ? [issuers[0], claims.appid] : [issuers[1], claims.azp];
    return payload.iss === issuer && app === publisher;
  };

  return async (tokens, rules) => {
    const mayBeNew = keys.coolingDown;
    try {
      const verdicts = await Promise.all(tokens.map((token) => isGood(token, rules)));
      return verdicts.every(Boolean) ? "good" : "bad";
    } catch (error) {
      const isUnknown = isUnanswered(error) || (mayBeNew && error instanceof errors.JWKSNoMatchingKey);
      return isUnknown ? "unknown" : "bad";
    }
  };
}
