import { SignJWT } from "jose";
import { epochSeconds } from "../iso-time.ts";
import type { Tenant } from "../tenant.ts";
import type { Subscription } from "./subscription.ts";

/** The app that publishes Graph's notifications (Graph docs: change-notifications-with-resource-data). */
const publisher = "0bf30f3b-4a52-48df-9a82-234910c4a086";

/**
 * A token that says that a collection comes from Graph and is for this app. Version 1.0 names the publisher in `appid`, 2.0 in `azp`,
 * and each has its own issuer (same page). The authority of 2.0 is the simulator itself, where the keys are published, too.
 */
export async function signValidationToken(
  { identity, clock }: Tenant,
  { applicationId, authority }: Subscription,
  version: "v1" | "v2",
): Promise<string> {
  const { tenantId } = identity;
  const { id, privateKey } = await identity.publisherKeys.current();
  const now = epochSeconds(clock.now());
  const claims = version === "v1" ? { ver: "1.0", appid: publisher } : { ver: "2.0", azp: publisher };
  const issuer = version === "v1" ? `https://sts.windows.net/${tenantId}/` : `${authority}/${tenantId}/v2.0`;
  return new SignJWT({ ...claims, tid: tenantId })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: id })
    .setIssuer(issuer)
    .setAudience(applicationId)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + 3600)
    .sign(privateKey);
}
