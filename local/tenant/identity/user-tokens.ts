import { randomBytes } from "node:crypto";
import { groupsOf } from "../directory/groups.ts";
import { assignmentsOf, wideRoleIds } from "../directory/role-assignments.ts";
import { epochSeconds, isoMilliseconds } from "../iso-time.ts";
import type { Tenant } from "../tenant.ts";
import type { RefreshToken } from "./refresh-tokens.ts";
import { sign } from "./sign.ts";

export const resourceAudience = "urn:simulated:resources";

export interface IssuedTokens {
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
  expiresAt: string;
}

const caeSeconds = 28 * 3600;

/** Issues an access token with the roles and groups of this moment, and a refresh token beside it. */
export async function issueUserTokens(
  tenant: Tenant,
  session: { userId: string; client: string; cae: boolean },
  by: "signIn" | "refresh",
): Promise<IssuedTokens> {
  const { userId, client, cae } = session;
  const now = tenant.clock.now();
  // Entra docs: configurable-token-lifetimes. 28 hours under CAE, otherwise a random time from 60 to 90 minutes.
  const seconds = cae ? caeSeconds : tenant.random.integer(3600, 5400);
  const groups = tenant.groups.primary;
  const wids = wideRoleIds(assignmentsOf(tenant.tokenService.read(), groups, userId), tenant.roles);
  const groupIds = [...groupsOf(groups, userId)].filter((id) => groups.get(id)?.securityEnabled === true);
  const expiresAt = isoMilliseconds((epochSeconds(now) + seconds) * 1000);
  const accessToken = await sign(tenant, resourceAudience, seconds, {
    oid: userId,
    appid: client,
    wids,
    groups: groupIds,
    ...(cae ? { xms_cc: ["cp1"] } : {}),
    uti: tenant.random.guid(),
  });
  const refreshToken = randomBytes(24).toString("base64url");
  tenant.refreshTokens.set(refreshToken, { userId, client, cae, issuedAt: epochSeconds(now) } satisfies RefreshToken);
  tenant.history.record({ event: "tokenIssued", userId, client, cae, by, wids, groups: groupIds, expiresAt });
  return { accessToken, refreshToken, expiresIn: seconds, expiresAt };
}
