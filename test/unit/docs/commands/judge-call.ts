import { registerHealth } from "../../../../functions/health.ts";
import { registerLifecycle } from "../../../../functions/lifecycle.ts";
import { registerLive } from "../../../../functions/live.ts";
import { registerNotifications } from "../../../../functions/notifications.ts";
import { registerOperations } from "../../../../functions/operations.ts";
import { registerStatus } from "../../../../functions/status.ts";
import { readOperation } from "../../../../shared/operations/read-operation.ts";
import { fakeApp, fakeHost } from "../../functions/fakes.ts";

const { host, http } = fakeHost();
registerLive(host, true);
for (const register of [registerHealth, registerLifecycle, registerNotifications, registerOperations, registerStatus]) {
  register(host, fakeApp({}));
}
const routes = [...http.values()];

export interface DocumentedCall {
  readonly method: string;
  /** From `/api/` on. */
  readonly path: string;
  /** Null where only the endpoint is named. */
  readonly sent: { readonly headers: readonly string[]; readonly body: string } | null;
}

/** What is wrong with a call of the app, by what the app itself declares and takes. */
export function judgeCall({ method, path, sent }: DocumentedCall): readonly string[] {
  const [, segments = ""] = /^\/api\/([^?]*)/.exec(path) ?? [];
  const found = routes.find(
    (route) => matches(route.route ?? "", segments) && route.methods?.some((known) => known === method),
  );
  if (found === undefined) return [`the app has no ${method} ${path}`];
  const action = found.route === "operations/{action}" ? segments.split("/")[1] : undefined;
  return [
    ...actionsIn(action).flatMap((name) => judgeOrder(name, sent?.body ?? '{"reason": "named"}')),
    ...(sent === null || found.authLevel === "anonymous" || sent.headers.includes("x-functions-key")
      ? []
      : [`${path} needs a function key`]),
    ...(sent === null || action === undefined || sent.headers.includes("authorization")
      ? []
      : [`${path} needs an operator`]),
  ];
}

/** `{stop|resume}` names two, `{action}` none. */
const actionsIn = (action = "{action}"): readonly string[] =>
  action === "{action}" ? [] : action.replace(/[{}]/g, "").split("|");

const matches = (route: string, path: string): boolean => {
  const [wanted, given] = [route.split("/"), path.split("/")];
  return (
    wanted.length === given.length && wanted.every((segment, at) => segment.startsWith("{") || segment === given[at])
  );
};

function judgeOrder(action: string, body: string): readonly string[] {
  const reading = readOperation(action, body);
  if (reading.kind === "unknownAction") return [`there is no order ${action}`];
  return reading.kind === "badBody" ? reading.problems : [];
}
