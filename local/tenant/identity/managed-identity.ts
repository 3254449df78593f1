import { timingSafeEqual } from "node:crypto";
import { type Answer, ok } from "../http/answer.ts";
import type { Call } from "../http/call.ts";
import { epochSeconds } from "../iso-time.ts";
import type { Tenant } from "../tenant.ts";
import { issueAppToken } from "./app-tokens.ts";

/** The App Service protocol of managed identities (App Service docs: overview-managed-identity, REST endpoint reference). */
export async function answerManagedIdentity(tenant: Tenant, call: Call): Promise<Answer> {
  const { searchParams } = call.url;
  const appId = appOf(tenant, call.headers["x-identity-header"] ?? "");
  if (appId === null) {
    return refuse(401, "unauthorized", "X-IDENTITY-HEADER is missing or wrong");
  }
  if (searchParams.get("api-version") !== "2019-08-01") return refuse(400, "invalid_request", "unknown api-version");
  const resource = searchParams.get("resource");
  if (resource?.replace(/\/$/, "") !== "https://graph.microsoft.com") {
    return refuse(400, "invalid_resource", "only https://graph.microsoft.com is simulated");
  }
  const clientId = searchParams.get("client_id");
  if (clientId !== null && clientId !== appId) {
    return refuse(400, "invalid_client", "no managed identity with this client_id is assigned");
  }
  return ok({
    access_token: await issueAppToken(tenant, appId),
    client_id: appId,
    expires_on: String(epochSeconds(tenant.clock.now()) + tenant.settings.appTokenSeconds),
    resource,
    token_type: "Bearer",
  });
}

/** The app behind the header that App Service gives each of its instances. */
function appOf({ identity, apps }: Tenant, header: string): string | null {
  if (sameText(header, identity.identityHeader)) return identity.appId;
  return [...apps].find(([other]) => sameText(header, other))?.[1] ?? null;
}

function refuse(status: number, error: string, message: string): Answer {
  return { status, headers: {}, body: { statusCode: status, error, error_description: message, message } };
}

function sameText(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}
