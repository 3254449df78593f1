import { userById } from "../directory/users.ts";
import { Refusal } from "../refusal.ts";
import type { Tenant } from "../tenant.ts";
import { type IssuedTokens, issueUserTokens } from "./user-tokens.ts";

/** A user's first sign-in with a client, without the browser pages around it. */
export async function signIn(
  tenant: Tenant,
  session: { userId: string; client: string; cae: boolean },
): Promise<IssuedTokens> {
  const user = userById(tenant, session.userId);
  if (!user.accountEnabled) throw new Refusal(400, "AADSTS50057", "the account is disabled");
  const { userId, client, cae } = session;
  tenant.history.record({ event: "signedIn", userId, client, cae });
  return issueUserTokens(tenant, { userId, client, cae }, "signIn");
}
