import type { TokenCredential } from "@azure/identity";
import { z } from "zod";
import { guid } from "./guid.ts";

const claims = z.object({ tid: guid });
const roles = z.object({ roles: z.array(z.string()) });

/**
 * The tenant that our own access token is for: nothing else tells a managed identity where it lives. Null when the token does not say.
 * @throws what the credential throws
 */
export async function ownTenant(credential: TokenCredential, scope: string): Promise<string | null> {
  return claims.safeParse(await readPayload(credential, scope)).data?.tid ?? null;
}

/** The application permissions that our own access token has; none when the token does not say. @throws what the credential throws */
export async function ownPermissions(credential: TokenCredential, scope: string): Promise<readonly string[]> {
  return roles.safeParse(await readPayload(credential, scope)).data?.roles ?? [];
}

async function readPayload(credential: TokenCredential, scope: string): Promise<unknown> {
  const token = (await credential.getToken(scope))?.token ?? "";
  const [, payload = ""] = token.split(".");
  try {
    return JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  } catch {
    // A token in another form is as good; it only does not tell.
    return null;
  }
}
