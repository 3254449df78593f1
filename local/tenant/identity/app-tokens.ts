import { z } from "zod";
import type { Tenant } from "../tenant.ts";
import { bearerToken, sign, verify } from "./sign.ts";

/** What an app-only token says about its holder. */
export interface AppToken {
  readonly appId: string;
  /** The `roles` claim: the permissions granted when the token was issued. */
  readonly permissions: readonly string[];
}

const graphAudience = "https://graph.microsoft.com";
const claimsSchema = z.object({ appid: z.string(), roles: z.array(z.string()) });

/** An access token for Graph with the permissions granted now; every app of the tenant is granted the same ones. */
export function issueAppToken(tenant: Tenant, appId: string): Promise<string> {
  const { permissions, appTokenSeconds } = tenant.settings;
  tenant.history.record({ event: "appTokenIssued", permissions: [...permissions] });
  const claims = { appid: appId, idtyp: "app", oid: appId, roles: [...permissions] };
  return sign(tenant, graphAudience, appTokenSeconds, claims);
}

/** The app behind a Graph call; null when its token is missing, foreign or expired. */
export async function readAppToken(
  tenant: Tenant,
  headers: Readonly<Record<string, string>>,
): Promise<AppToken | null> {
  const token = bearerToken(headers);
  const verified = token === null ? null : await verify(tenant, graphAudience, token);
  if (verified === null || "problem" in verified) return null;
  const claims = claimsSchema.safeParse(verified.claims);
  return claims.success ? { appId: claims.data.appid, permissions: claims.data.roles } : null;
}
