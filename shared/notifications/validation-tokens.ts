import { createRemoteJWKSet, customFetch, errors, jwtVerify } from "jose";
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { rememberFailures } from "../base/published-keys.ts";

/** The app by which Graph publishes notifications (Graph docs: change notifications with resource data). */
const publisher = "0bf30f3b-4a52-48df-9a82-234910c4a086";

interface TokenRules {
  /** Our own client id. */
  readonly audience: string;
  readonly tenantId: string;
}

/** `unknown`: the keys could not be fetched, or may not be fetched again so soon, so the verdict is still open. */
type TokenVerdict = "good" | "bad" | "unknown";

/** Whether every one of these tokens is Graph's, for us, of this tenant and still valid. */
export type ValidateTokens = (tokens: readonly string[], rules: TokenRules) => Promise<TokenVerdict>;

interface TokenDependencies {
  /** Where tokens are issued, e.g. `https://login.microsoftonline.com`. */
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

/** Failures that say nothing about the token. */
const isUnanswered = (error: unknown): boolean =>
  error instanceof errors.JWKSTimeout ||
  error instanceof TypeError ||
  (error instanceof errors.JOSEError && error.code === "ERR_JOSE_GENERIC");

/**
 * The keys are cached; an unknown key id makes us fetch them again, no more often than every 30 s, for the day they are rotated. Until that may be,
 * a forged key id cannot be distinguished from a new one.
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
    // Which issuer and which claim belongs to which version (Graph docs: change notifications with resource data).
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
