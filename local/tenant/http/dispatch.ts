import { answerControl } from "../control/answer-control.ts";
import { answerGraphCall } from "../graph/answer-call.ts";
import { answerBatch } from "../graph/batch.ts";
import { readAppToken } from "../identity/app-tokens.ts";
import { answerManagedIdentity } from "../identity/managed-identity.ts";
import { openIdConfiguration } from "../identity/operator-tokens.ts";
import { answerTokenRequest } from "../identity/token-endpoint.ts";
import { answerTrack, trackPath } from "../insights/answer-track.ts";
import { answerResource } from "../resources/answer-resource.ts";
import type { Tenant } from "../tenant.ts";
import { type Outcome, ok } from "./answer.ts";
import type { Call } from "./call.ts";
import { withFaults } from "./with-faults.ts";

/** Path of the managed-identity endpoint. */
export const identityPath = "/identity/token";

/** Finds who answers a request. Faults reach everything but the control API. */
export async function dispatch(tenant: Tenant, call: Call, reset: () => void): Promise<Outcome> {
  tenant.clock.settle();
  const { pathname } = call.url;
  if (pathname.startsWith("/simulator/")) return answerControl(tenant, call, reset);
  if (pathname.startsWith("/v1.0/")) {
    const app = await readAppToken(tenant, call.headers);
    if (call.method !== "POST" || pathname !== "/v1.0/$batch") return answerGraphCall(tenant, call, app);
    return withFaults(tenant, call, () => answerBatch(tenant, call, app));
  }
  if (pathname === identityPath) return withFaults(tenant, call, () => answerManagedIdentity(tenant, call));
  if (call.method === "POST" && /^\/[^/]+\/oauth2\/v2\.0\/token$/.test(pathname)) {
    return withFaults(tenant, call, () => answerTokenRequest(tenant, call));
  }
  // Entra docs: OpenID Connect metadata, `jwks_uri`.
  if (call.method === "GET" && /^\/[^/]+\/discovery\/v2\.0\/keys$/.test(pathname)) {
    return withFaults(tenant, call, async () => ok(await tenant.identity.publisherKeys.published()));
  }
  if (call.method === "GET" && pathname === `/${tenant.identity.tenantId}/v2.0/.well-known/openid-configuration`) {
    return withFaults(tenant, call, async () => ok(openIdConfiguration(tenant, call.url.origin)));
  }
  if (call.method === "POST" && pathname === trackPath) {
    return withFaults(tenant, call, async () => answerTrack(tenant, call));
  }
  if (pathname.startsWith("/resources/")) return withFaults(tenant, call, () => answerResource(tenant, call));
  return {
    status: 404,
    headers: {},
    body: { error: { code: "NotFound", message: "The simulator has nothing here." } },
  };
}
