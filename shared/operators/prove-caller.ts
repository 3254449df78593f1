import { createRemoteJWKSet, customFetch, errors, jwtVerify } from "jose";
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { rememberFailures } from "../base/published-keys.ts";

/** Proves who an access token is of. Never throws. */
export type VerifyToken = (token: string) => Promise<Proof>;

interface TokenVerifierOptions {
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

/** The tenant's own metadata about its issuer and keys (Entra docs: OpenID Connect on the Microsoft identity platform): hosts differ between clouds. */
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
 * Who calls, by the header `X-MS-CLIENT-PRINCIPAL` of App Service authentication (App Service docs: Work with user identities). It can be
 * believed only where that authentication is on: then the platform verifies the sign-in, and takes such a header off every request from
 * outside. Tenant and audience are compared all the same, since the platform can be set up to let others in.
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
 * What a caller may do: an app role of the app registration that guards the endpoints, given to people, groups or applications in Entra.
 * Whoever may operate may read.
 */
export const appRoles = ["Cutoff.Read", "Cutoff.Operate"] as const;
export type AppRole = (typeof appRoles)[number];

/** Who calls, as Entra says. */
export interface Operator {
  /** Of a user or, for automation, of a service principal. */
  readonly objectId: string;
  readonly roles: ReadonlySet<AppRole>;
}

/** Why a caller is nobody to us. A code, never what was found. */
export type Unproven =
  /** Neither a token nor a header of App Service authentication. */
  | "NO_TOKEN"
  /** Not signed by our tenant for our audience, expired, or no token at all. */
  | "BAD_TOKEN"
  /** The tenant's keys cannot be read now: the token cannot be checked. */
  | "KEYS_UNAVAILABLE";

export type Proof =
  | { readonly proven: true; readonly operator: Operator }
  | { readonly proven: false; readonly because: Unproven };

/** Those of the claimed roles that are ours. */
const ourRoles = (claimed: readonly string[]): ReadonlySet<AppRole> =>
  new Set(appRoles.filter((role) => claimed.includes(role)));

export const mayDo = ({ roles }: Operator, needed: AppRole): boolean =>
  roles.has(needed) || (needed === "Cutoff.Read" && roles.has("Cutoff.Operate"));
