import type { Dated } from "./graph.ts";
import { requireGuid } from "./guid.ts";
import { endpoints } from "./permissions.ts";
import { type WriteContext, write } from "./write.ts";

/**
 * One POST, never repeated: any 2xx is success and its body proves nothing (Graph docs: user: revokeSignInSessions).
 * @throws GraphRetryableError and GraphPermanentError prove that it was not applied; GraphUncertainError proves nothing
 */
export async function revokeSignInSessions(context: WriteContext, userId: string): Promise<Dated<void>> {
  const path = `users/${requireGuid(userId, "principal")}/revokeSignInSessions`;
  const request = { endpoint: endpoints.revoke, method: "POST", path, body: {}, priority: "high" } as const;
  const { date, at } = await write(context, request);
  return { value: undefined, date, at };
}
