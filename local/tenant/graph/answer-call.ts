import type { Answer, Outcome } from "../http/answer.ts";
import { type Call, pathOf } from "../http/call.ts";
import { withFaults } from "../http/with-faults.ts";
import type { AppToken } from "../identity/app-tokens.ts";
import type { Tenant } from "../tenant.ts";
import { charge, costOf } from "./charge.ts";
import { graphEndpoints } from "./endpoints.ts";
import { GraphRefusal, graphError } from "./graph-error.ts";
import { revokeSignInSessions } from "./revoke-sign-in-sessions.ts";

/** Answers one Graph call, alone or inside a batch, and writes down what came of it. `app` is null without a good token. */
export async function answerGraphCall(tenant: Tenant, call: Call, app: AppToken | null): Promise<Outcome> {
  let applied = false;
  const outcome = await withFaults(tenant, call, async () => {
    const answer = await carryOut(tenant, call, app);
    applied = answer.status < 400;
    return answer;
  });
  const status = outcome === "drop" ? 0 : outcome.status;
  const { method, inBatch } = call;
  const userId = revokeSignInSessions.path.exec(pathAfterVersion(call))?.[1];
  if (!applied && userId !== undefined) tenant.history.record({ event: "revokeRefused", userId, status });
  tenant.history.record({ event: "graphCalled", method, path: pathOf(call), status, applied, inBatch });
  return outcome;
}

async function carryOut(tenant: Tenant, call: Call, app: AppToken | null): Promise<Answer> {
  const deny = (status: number, code: string, message: string) => graphError(tenant, call, status, code, message);
  if (app === null) return deny(401, "InvalidAuthenticationToken", "Access token is missing, invalid or expired.");
  const path = pathAfterVersion(call);
  const endpoint = graphEndpoints.find(({ method, path: pattern }) => method === call.method && pattern.test(path));
  if (endpoint === undefined) {
    return deny(400, "BadRequest", `Resource not found for the segment '${path.split("/")[1] ?? ""}'.`);
  }
  const held = tenant.settings.permissionsApplyAtOnce ? tenant.settings.permissions : app.permissions;
  if (!endpoint.permissions.some((together) => together.every((permission) => held.includes(permission)))) {
    return deny(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
  }
  const charged = charge(tenant, call, app.appId, costOf(endpoint.cost, call.url.searchParams));
  if ("refused" in charged) return charged.refused;
  try {
    const params = (endpoint.path.exec(path) ?? []).slice(1).map(decodeURIComponent);
    const answer = await endpoint.handle({ tenant, call, app, permissions: held, params });
    return { ...answer, headers: { ...charged.headers, ...answer.headers } };
  } catch (error) {
    if (error instanceof URIError) return deny(400, "BadRequest", "The path is not well encoded.");
    if (!(error instanceof GraphRefusal)) throw error;
    const answer = deny(error.status, error.code, error.message);
    return { ...answer, headers: { ...charged.headers, ...answer.headers } };
  }
}

function pathAfterVersion(call: Call): string {
  return call.url.pathname.replace(/^\/v1\.0/, "");
}
