import { createRemoteJWKSet, customFetch, errors, jwtVerify } from "jose";
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { rememberFailures } from "../base/keys.ts";

/** Verifies an access token and identifies its subject. Never throws. */
export type VerifyToken = (token: string) => Promise<Proof>;

interface TokenVerifierOptions {
  /** Origin of the token issuer, without a slash at the end, e.g. `https://login.microsoftonline.com`. */
  readonly authority: string;
  readonly tenantId: string;
  /** Client id of the app registration that the token must be for: the `aud` of a v2.0 access token. */
  readonly audience: string;
  readonly fetch: typeof globalThis.fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly monotonic: Clock["monotonic"];
}

/** Seconds by which clocks may differ. */
const clockTolerance = 60;
/** How long keys are cached, how soon an unknown key id (after a rotation) leads to another fetch, and its time-out; milliseconds. */
const cacheMaxAge = 12 * 3_600_000;
const cooldownDuration = 30_000;
const timeoutDuration = 3_000;

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.url() });
/**
 * An ID token must not pass: it has our client id as audience and the roles, too, and any page that sees the sign-in has it. Only an access token has a
 * scope or, for automation, `idtyp`, which the registration requests (Entra docs: Access token claims reference; Optional claims reference).
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
    /** Only ID tokens have a nonce. */
    nonce: z.undefined().optional(),
  })
  .and(accessTokenSchema);

/**
 * Verifies access tokens of our tenant (Entra docs: Access tokens, validate tokens): signed by one of the tenant's keys, issued by the
 * tenant's v2.0 endpoint for our audience, within its lifetime. Keys are first fetched for the first token.
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

/** Whether the token is at fault. Any other failure is one of fetching the keys. */
const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError &&
  error.code !== "ERR_JOSE_GENERIC" &&
  !(error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid);

interface TenantKeys {
  readonly issuer: string;
  readonly keys: ReturnType<typeof createRemoteJWKSet>;
}

/** Reads issuer and keys from the tenant's metadata, since hosts differ between clouds (Entra docs: OpenID Connect on the Microsoft identity platform). */
async function discover({ authority, tenantId, fetch }: TokenVerifierOptions): Promise<TenantKeys> {
  const url = `${authority}/${tenantId}/v2.0/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutDuration), redirect: "error" });
  if (!response.ok) throw new TypeError(`The OpenID configuration was answered with ${response.status}.`);
  const { issuer, jwks_uri } = metadataSchema.parse(await response.json());
  if (!issuer.endsWith(`/${tenantId}/v2.0`)) throw new TypeError("The OpenID configuration is of another tenant.");
  const options = { cacheMaxAge, cooldownDuration, timeoutDuration, [customFetch]: fetch };
  return { issuer, keys: createRemoteJWKSet(new URL(jwks_uri), options) };
}

const principalSchema = z.object({
  auth_typ: z.literal("aad"),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })),
  role_typ: z.string().optional(),
});

const entraClaim = "http://schemas.microsoft.com/identity/claims";

/**
 * Identifies the caller by App Service authentication's header `X-MS-CLIENT-PRINCIPAL` (App Service docs: Work with user identities). The header
 * can be trusted only while that authentication is on: the platform then verifies the sign-in, and removes the header from every outside request.
 * Tenant and audience are compared all the same, since the platform can be configured to admit others. Pure.
 */
export function readClientPrincipal(
  header: string,
  { tenantId, audience }: { readonly tenantId: string; readonly audience: string },
): Proof {
  const { data } = principalSchema.safeParse(decode(header));
  if (data === undefined) return { proven: false, because: "BAD_TOKEN" };
  const valuesOf = (...types: readonly string[]) =>
    data.claims.flatMap(({ typ, val }) => (types.includes(typ) ? [val] : []));
  const only = (...types: readonly string[]) => {
    const [value, ...others] = valuesOf(...types);
    return others.length === 0 ? value?.toLowerCase() : undefined;
  };
  const oid = z.guid().safeParse(only("oid", `${entraClaim}/objectidentifier`));
  const isOurs = only("tid", `${entraClaim}/tenantid`) === tenantId && only("aud") === audience;
  if (!oid.success || !isOurs) return { proven: false, because: "BAD_TOKEN" };
  const roles = valuesOf("roles", ...(data.role_typ === undefined ? [] : [data.role_typ]));
  return { proven: true, operator: { objectId: oid.data, roles: ourRoles(roles) } };
}

function decode(header: string): unknown {
  try {
    return JSON.parse(Buffer.from(header, "base64").toString());
  } catch {
    return undefined;
  }
}

/**
 * App roles of the app registration that guards the endpoints, assigned to users, groups or applications in Entra. `Cutoff.Operate` includes
 * `Cutoff.Read`.
 */
export const appRoles = ["Cutoff.Read", "Cutoff.Operate"] as const;
export type AppRole = (typeof appRoles)[number];

/** The caller, as identified by Entra. */
export interface Operator {
  /** Object id of a user or, for automation, of a service principal. */
  readonly objectId: string;
  readonly roles: ReadonlySet<AppRole>;
}

/** Why a caller could not be identified: a code, never the content of the token. */
export type Unproven =
  /** The request has neither a token nor a header of App Service authentication. */
  | "NO_TOKEN"
  /** The token is malformed, expired, or not signed by our tenant for our audience. */
  | "BAD_TOKEN"
  /** The tenant's keys cannot be read now, so the token cannot be checked. */
  | "KEYS_UNAVAILABLE";

export type Proof =
  | { readonly proven: true; readonly operator: Operator }
  | { readonly proven: false; readonly because: Unproven };

/** The app's own roles among the claimed ones. */
const ourRoles = (claimed: readonly string[]): ReadonlySet<AppRole> =>
  new Set(appRoles.filter((role) => claimed.includes(role)));

export const mayDo = ({ roles }: Operator, needed: AppRole): boolean =>
  roles.has(needed) || (needed === "Cutoff.Read" && roles.has("Cutoff.Operate"));
