import { z } from "zod";
import type { RunningTenant } from "../stack/start-stack.ts";
import { type Resource, resources } from "./cast.ts";

/** Who signs in, and the role and the group whose power the client uses. */
export interface Holder {
  readonly userId: string;
  readonly roleDefinitionId: string;
  readonly groupId: string;
}

/** One client of somebody: it works with its access token until that is refused, then refreshes. */
export interface ClientSession {
  readonly name: string;
  readonly cae: boolean;
  /** Tenant's time at which the access token that it started with expires. */
  readonly expiresAt: string;
  /** Calls every resource once. Returns the answers; 401 makes it refresh. */
  work(): Promise<ReadonlyMap<Resource, number>>;
  /** Asks for new tokens; false when that is refused. A session that was refused is over. */
  refresh(): Promise<boolean>;
}

const tokens = z.object({ access_token: z.string(), refresh_token: z.string() });

export async function signIn(
  { url, tenantId, control }: RunningTenant,
  { userId, roleDefinitionId, groupId }: Holder,
  name: string,
  cae: boolean,
): Promise<ClientSession> {
  let { accessToken, refreshToken, expiresAt } = await control.signIn({ userId, client: name, cae });
  let isOver = false;

  async function call(resource: Resource): Promise<number> {
    const response = await fetch(`${url}/resources/${resource}?role=${roleDefinitionId}&group=${groupId}`, {
      headers: { Authorization: `Bearer ${accessToken}` },
      redirect: "error",
    });
    await response.arrayBuffer();
    return response.status;
  }

  async function refresh(): Promise<boolean> {
    const response = await fetch(`${url}/${tenantId}/oauth2/v2.0/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken }),
    });
    const body: unknown = await response.json();
    isOver = !response.ok;
    if (isOver) return false;
    ({ access_token: accessToken, refresh_token: refreshToken } = tokens.parse(body));
    return true;
  }

  return {
    name,
    cae,
    expiresAt,
    refresh,
    async work() {
      const answers = await Promise.all(resources.map(async (resource) => [resource, await call(resource)] as const));
      if (!isOver && answers.some(([, status]) => status === 401)) await refresh();
      return new Map(answers);
    },
  };
}
