import { z } from "zod";
import type { HistoryEvent } from "../history-events.ts";
import type { Answer } from "../http/answer.ts";
import type { Call } from "../http/call.ts";
import { bearerToken, verify } from "../identity/sign.ts";
import { resourceAudience } from "../identity/user-tokens.ts";
import type { Tenant } from "../tenant.ts";
import { resourceKinds, type UserClaims } from "./kinds.ts";

const claimsSchema = z.object({
  oid: z.string(),
  appid: z.string(),
  iat: z.number(),
  wids: z.array(z.string()),
  groups: z.array(z.string()),
  xms_cc: z.array(z.string()).optional(),
});

type Reason = Extract<HistoryEvent, { event: "resourceCalled" }>["reason"];

/** `GET /resources/{kind}?role=...|group=...`: 200 with the privilege, 403 without it, 401 when the token is not taken. */
export async function answerResource(tenant: Tenant, call: Call): Promise<Answer> {
  const kind = call.url.pathname.split("/")[2] ?? "";
  const decide = resourceKinds[kind];
  if (decide === undefined) return { status: 404, headers: {}, body: { error: "no such resource" } };

  const token = bearerToken(call.headers);
  const verified = token === null ? { problem: "badToken" as const } : await verify(tenant, resourceAudience, token);
  tenant.clock.settle();
  const parsed = "claims" in verified ? claimsSchema.safeParse(verified.claims) : null;
  const claims = parsed?.success ? parsed.data : null;
  const reason: Reason =
    claims === null
      ? "problem" in verified
        ? verified.problem
        : "badToken"
      : isCut(tenant, claims)
        ? "claimsChallenge"
        : decide(tenant, claims, call.url.searchParams)
          ? "allowed"
          : "noRole";
  const status = { allowed: 200, noRole: 403, badToken: 401, expired: 401, claimsChallenge: 401 }[reason];
  const known = claims ?? ("problem" in verified ? claimsSchema.safeParse(verified.expired).data : undefined);
  const who = { userId: known?.oid ?? null, client: known?.appid ?? null };
  tenant.history.record({ event: "resourceCalled", resource: kind, ...who, status, reason });
  const headers: Record<string, string> = status === 401 ? { "WWW-Authenticate": challenge(tenant, call, reason) } : {};
  return { status, headers, body: { resource: kind, result: reason } };
}

/** Only a client that declared `cp1` gets tokens that CAE may reject; others keep theirs until it expires. */
function isCut(tenant: Tenant, claims: UserClaims): boolean {
  if (claims.xms_cc?.includes("cp1") !== true) return false;
  const cut = tenant.sessionCuts.read().get(claims.oid);
  return cut !== undefined && (cut.blocked || claims.iat < cut.validFrom);
}

/** Entra docs: app-resilience-continuous-access-evaluation, claims challenge. */
function challenge(tenant: Tenant, call: Call, reason: Reason): string {
  const authorize = `${call.url.origin}/${tenant.identity.tenantId}/oauth2/v2.0/authorize`;
  const realm = `Bearer realm="", authorization_uri="${authorize}"`;
  if (reason !== "claimsChallenge") return `${realm}, error="invalid_token"`;
  const nbf = { essential: true, value: String(Math.floor(tenant.clock.now() / 1000)) };
  const claims = Buffer.from(JSON.stringify({ access_token: { nbf } })).toString("base64");
  return `${realm}, error="insufficient_claims", claims="${claims}"`;
}
