import { createRemoteJWKSet, customFetch, errors, jwtVerify } from "jose";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { rememberFailures } from "../secrets/fetch-keys.ts";
import { ourRoles, type Proof } from "./operator.ts";

/** Proves who an access token is of. Never throws. */
export type VerifyToken = (token: string) => Promise<Proof>;

export interface TokenVerifierOptions {
  /** Where the tenant's tokens come from, without a slash at the end, e.g. `https://login.microsoftonline.com`. */
  readonly authority: string;
  readonly tenantId: string;
  /** Client id of the app registration that the token must be for: the `aud` of a v2.0 access token. */
  readonly audience: string;
  readonly fetch: typeof globalThis.fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly monotonic: Clock["monotonic"];
}

/** Seconds that clocks may differ by. */
const clockTolerance = 60;
/** How long keys are kept, how soon an unknown key id makes us ask anew (the day they are rotated), and how long we wait; milliseconds. */
const cacheMaxAge = 12 * 3_600_000;
const cooldownDuration = 30_000;
const timeoutDuration = 3_000;

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.url() });
/**
 * An ID token has our client id as its audience, too, and the roles: any page that sees the sign-in has it. What only an access token has is the
 * scope, and for an automation `idtyp`, which the registration asks for (Entra docs: Access token claims reference; Optional claims reference).
 */
const accessTokenSchema = z.union([
  z.object({ scp: z.string().trim().min(1) }),
  z.object({ scp: z.undefined().optional(), idtyp: z.enum(["app", "user"]) }),
]);
const claimsSchema = z
  .object({
    oid: z.guid().toLowerCase(),
    tid: z.string().toLowerCase(),
    ver: z.literal("2.0"),
    roles: z.array(z.string()).default([]),
    /** Of the sign-in that an ID token answers. */
    nonce: z.undefined().optional(),
  })
  .and(accessTokenSchema);

/**
 * Verifies access tokens of our tenant (Entra docs: Access tokens, validate tokens): signed by one of the tenant's keys, issued by the
 * tenant's v2.0 endpoint for our audience, within its lifetime. Nothing is fetched before the first token.
 */
export function createTokenVerifier(given: TokenVerifierOptions): VerifyToken {
  const { tenantId, audience, now } = given;
  const options = { ...given, fetch: rememberFailures(given.fetch, given) };
  let known: Promise<TenantKeys> | undefined;
  const tenantKeys = () => {
    known ??= discover(options).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  return async (token) => {
    try {
      const { issuer, keys } = await tenantKeys();
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ["RS256"],
        issuer,
        audience,
        clockTolerance,
        currentDate: new Date(now()),
        requiredClaims: ["exp", "nbf", "iat"],
      });
      const { data } = claimsSchema.safeParse(payload);
      if (data === undefined || data.tid !== tenantId) return { proven: false, because: "BAD_TOKEN" };
      return { proven: true, operator: { objectId: data.oid, roles: ourRoles(data.roles) } };
    } catch (error) {
      return { proven: false, because: isAboutToken(error) ? "BAD_TOKEN" : "KEYS_UNAVAILABLE" };
    }
  };
}

/** Any other failure is one of fetching the keys, and says nothing about the token. */
const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError &&
  error.code !== "ERR_JOSE_GENERIC" &&
  !(error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid);

interface TenantKeys {
  readonly issuer: string;
  readonly keys: ReturnType<typeof createRemoteJWKSet>;
}

/** The tenant's own word on its issuer and keys (Entra docs: OpenID Connect on the Microsoft identity platform): hosts differ between clouds. */
async function discover({ authority, tenantId, fetch }: TokenVerifierOptions): Promise<TenantKeys> {
  const url = `${authority}/${tenantId}/v2.0/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutDuration), redirect: "error" });
  if (!response.ok) throw new TypeError(`The OpenID configuration was answered with ${response.status}.`);
  const { issuer, jwks_uri } = metadataSchema.parse(await response.json());
  if (!issuer.endsWith(`/${tenantId}/v2.0`)) throw new TypeError("The OpenID configuration is of another tenant.");
  const options = { cacheMaxAge, cooldownDuration, timeoutDuration, [customFetch]: fetch };
  return { issuer, keys: createRemoteJWKSet(new URL(jwks_uri), options) };
}
