import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { epochSeconds } from "../iso-time.ts";
import type { Tenant } from "../tenant.ts";

/** Signs claims as this tenant's token, valid from now for `seconds` of the tenant's time. */
export function sign(tenant: Tenant, audience: string, seconds: number, claims: JWTPayload): Promise<string> {
  const now = epochSeconds(tenant.clock.now());
  return new SignJWT({ ...claims, tid: tenant.identity.tenantId })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(tenant.identity.issuer)
    .setAudience(audience)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + seconds)
    .sign(tenant.identity.key);
}

/** The claims of a token that this tenant signed for `audience` and that still lives; otherwise why not, and of an expired one whose it was. */
export async function verify(
  tenant: Tenant,
  audience: string,
  token: string,
): Promise<{ claims: JWTPayload } | { problem: "expired" | "badToken"; expired?: JWTPayload }> {
  const { issuer, key } = tenant.identity;
  const currentDate = new Date(tenant.clock.now());
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ["HS256"], issuer, audience, currentDate });
    return { claims: payload };
  } catch (error) {
    return error instanceof errors.JWTExpired
      ? { problem: "expired", expired: error.payload }
      : { problem: "badToken" };
  }
}

/** The token of an `Authorization: Bearer` header; null without one. */
export function bearerToken(headers: Readonly<Record<string, string>>): string | null {
  return /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? null;
}
