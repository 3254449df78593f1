import { generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { epochSeconds } from "../iso-time.ts";
import type { Tenant } from "../tenant.ts";
import type { Subscription } from "./subscription.ts";

/** The app that publishes Graph's notifications (Graph docs: change-notifications-with-resource-data). */
const publisher = "0bf30f3b-4a52-48df-9a82-234910c4a086";

/** Anybody who is not it. */
const stranger = "00000000-0000-4000-8000-00000000beef";

/**
 * A token that says that a collection comes from Graph and is for this app. Version 1.0 names the publisher in `appid`, 2.0 in `azp`,
 * and each has its own issuer (same page). The authority of 2.0 is the simulator itself, where the keys are published, too.
 * With a flaw in the settings it is a forgery.
 */
export async function signValidationToken(
  { identity, clock, settings }: Tenant,
  { applicationId, authority }: Subscription,
  version: "v1" | "v2",
): Promise<string> {
  const { tenantId } = identity;
  const { id, privateKey } = await identity.publisherKeys.current();
  const { tokenFlaw: flaw } = settings.notifications;
  const now = epochSeconds(clock.now()) - (flaw === "expired" ? 7200 : 0);
  const app = flaw === "otherApp" ? stranger : publisher;
  const claims = version === "v1" ? { ver: "1.0", appid: app } : { ver: "2.0", azp: app };
  const issuer = version === "v1" ? `https://sts.windows.net/${tenantId}/` : `${authority}/${tenantId}/v2.0`;
  const aud = flaw === "wrongAudience" ? stranger : applicationId;
  const payload = { ...claims, tid: tenantId, iss: issuer, aud, iat: now, nbf: now, exp: now + 3600 };
  if (flaw === "algNone") return new UnsecuredJWT(payload).encode();
  const [kid, key] = flaw === "unknownKey" ? [stranger, (await generateKeyPair("RS256")).privateKey] : [id, privateKey];
  return new SignJWT(payload).setProtectedHeader({ alg: "RS256", typ: "JWT", kid }).sign(key);
}
