import { type RunningProxy, startProxy } from "./proxy.ts";

export interface SpoilingProxy extends RunningProxy {
  /** From now on every batch that is about this principal is answered with `body`, status 200. */
  spoil(principalId: string, body: string): void;
  /** Graph answers as it should again. */
  heal(): void;
}

/** A proxy before the tenant that answers rubbish when asked to: a Graph that does not keep its promises. */
export async function startSpoilingProxy(tenantUrl: string): Promise<SpoilingProxy> {
  const rubbish = new Map<string, string>();
  const proxy = await startProxy(tenantUrl, ({ url, body }, response) => {
    const spoilt = [...rubbish].find(([principalId]) => url === "/v1.0/$batch" && body.includes(principalId));
    if (spoilt === undefined) return false;
    response.writeHead(200, { "Content-Type": "application/json" }).end(spoilt[1]);
    return true;
  });
  return {
    ...proxy,
    spoil: (principalId, body) => rubbish.set(principalId, body),
    heal: () => rubbish.clear(),
  };
}
