import { SignJWT } from "jose";
import { epochSeconds } from "../iso-time.ts";
import type { Tenant } from "../tenant.ts";

const lifeSeconds = 3600;

/**
 * A v2.0 access token for the app registration that guards the app's endpoints (Entra docs: Access token claims reference): `aud` is its
 * client id, `roles` are the app roles given to whoever signs in.
 */
export async function issueOperatorToken(
  { identity, clock, random }: Tenant,
  { objectId, roles }: { readonly objectId: string; readonly roles: readonly string[] },
): Promise<string> {
  const { id, privateKey } = await identity.publisherKeys.current();
  const now = epochSeconds(clock.now());
  return new SignJWT({
    ver: "2.0",
    tid: identity.tenantId,
    oid: objectId,
    scp: "operate",
    // Without a role the claim is missing.
    ...(roles.length === 0 ? {} : { roles: [...roles] }),
    uti: random.guid(),
  })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: id })
    .setIssuer(identity.issuer)
    .setAudience(identity.operatorsAppId)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + lifeSeconds)
    .sign(privateKey);
}

/** What the app needs of the OpenID configuration (Entra docs: OpenID Connect on the Microsoft identity platform). */
export const openIdConfiguration = ({ identity }: Tenant, origin: string) => ({
  issuer: identity.issuer,
  jwks_uri: `${origin}/${identity.tenantId}/discovery/v2.0/keys`,
  id_token_signing_alg_values_supported: ["RS256"],
});
