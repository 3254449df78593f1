import type { TokenCredential } from "@azure/identity";
import { z } from "zod";
import { guid } from "./guid.ts";

const claims = z.object({ tid: guid });

/**
 * The tenant that our own access token is for: nothing else tells a managed identity where it lives. Null when the token does not say.
 * @throws what the credential throws
 */
export async function ownTenant(credential: TokenCredential, scope: string): Promise<string | null> {
  const token = (await credential.getToken(scope))?.token ?? "";
  const [, payload = ""] = token.split(".");
  try {
    return claims.safeParse(JSON.parse(Buffer.from(payload, "base64url").toString("utf8"))).data?.tid ?? null;
  } catch {
    // A token in another form is as good; it only does not tell.
    return null;
  }
}
