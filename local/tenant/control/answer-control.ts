import { type Answer, ok } from "../http/answer.ts";
import type { Call } from "../http/call.ts";
import { Refusal } from "../refusal.ts";
import type { Tenant } from "../tenant.ts";
import { auditRoutes } from "./audit-routes.ts";
import { directoryRoutes } from "./directory-routes.ts";
import { groupRoutes } from "./group-routes.ts";
import { insightsRoutes } from "./insights-routes.ts";
import { pimRoutes } from "./pim-routes.ts";
import { subscriptionRoutes } from "./subscription-routes.ts";
import { worldRoutes } from "./world-routes.ts";

const routes = [
  ...directoryRoutes,
  ...groupRoutes,
  ...pimRoutes,
  ...auditRoutes,
  ...insightsRoutes,
  ...subscriptionRoutes,
  ...worldRoutes,
];

/** Answers a call to `/simulator/...`. Refusals come as `{ error: { code, message } }` and say what to change. */
export async function answerControl(tenant: Tenant, call: Call, reset: () => void): Promise<Answer> {
  const path = call.url.pathname.replace(/^\/simulator/, "");
  const found = routes.find((route) => route.method === call.method && route.path.test(path));
  try {
    if (found === undefined) throw new Refusal(404, "NoSuchRoute", `the simulator has no ${call.method} ${path}`);
    const params = (found.path.exec(path) ?? []).slice(1).map((param) => decodeURIComponent(param).toLowerCase());
    return ok((await found.run({ tenant, url: call.url, params, reset }, call.text)) ?? {});
  } catch (error) {
    const refusal = error instanceof URIError ? new Refusal(400, "InvalidPath", "the path is not well encoded") : error;
    if (!(refusal instanceof Refusal)) throw error;
    const { status, code, message } = refusal;
    return { status, headers: {}, body: { error: { code, message } } };
  }
}
