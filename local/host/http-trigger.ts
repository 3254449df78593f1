import type { RegisteredFunction } from "./core-module.ts";
import { HostError } from "./host-error.ts";
import type { HostRequest, HostResponse } from "./http-message.ts";
import type { Invoke } from "./invoke.ts";
import { isAuthorized, type Keys } from "./keys.ts";
import { parseRoute, type RouteTemplate } from "./route-template.ts";
import type { HttpData, TypedData } from "./rpc.ts";
import type { HttpTrigger } from "./triggers.ts";

export interface HttpRoute {
  readonly fn: RegisteredFunction;
  readonly trigger: HttpTrigger;
  readonly template: RouteTemplate;
}

/** @throws HostError `functionInvalid` for a route that cannot be parsed. */
export function toHttpRoute(fn: RegisteredFunction, trigger: HttpTrigger, routePrefix: string): HttpRoute {
  return { fn, trigger, template: parseRoute(`${routePrefix}/${trigger.route ?? fn.name}`) };
}

/** Answers requests with the app's HTTP functions: 404 without a match, 401 without the key, 500 with an empty body on a throw. */
export function createHttpDispatcher(routes: readonly HttpRoute[], keys: Keys, invoke: Invoke) {
  return async (request: HostRequest): Promise<HostResponse> => {
    for (const { fn, trigger, template } of inOrder(routes)) {
      const params = template.match(request.url.pathname);
      if (!params || !trigger.methods.includes(request.method)) continue;
      if (!isAuthorized(trigger.authLevel, keys, request)) return { status: 401 };
      const result = await invoke(fn, {
        name: trigger.name,
        data: { http: toHttpData(request, params) },
        reason: "This function was programmatically called via the host APIs.",
      });
      return result.succeeded ? toResponse(result.returnValue) : { status: 500 };
    }
    return { status: 404 };
  };
}

function inOrder(routes: readonly HttpRoute[]): HttpRoute[] {
  return routes.toSorted((a, b) => (a.template.rank < b.template.rank ? -1 : 1));
}

function toHttpData({ method, url, headers, body }: HostRequest, params: Record<string, string>): HttpData {
  return {
    method,
    url: url.href,
    nullableHeaders: nullable(headers),
    nullableParams: nullable(Object.entries(params)),
    nullableQuery: nullable([...url.searchParams.keys()].map((key) => [key, url.searchParams.getAll(key).join(",")])),
    ...(body.length > 0 && { body: { bytes: body } }),
  };
}

function nullable(entries: Iterable<[string, string]>): Record<string, { value: string }> {
  return Object.fromEntries([...entries].map(([name, value]) => [name, { value }]));
}

function toResponse(returnValue: TypedData | null | undefined): HostResponse {
  const http = returnValue?.http;
  // Azure answers 200 without a body for a function that returns nothing.
  if (!http) return { status: 200 };
  if (http.cookies && http.cookies.length > 0) throw new HostError("unsupported", "The local host sends no cookies.");
  const body = http.body?.bytes;
  return { status: Number(http.statusCode ?? 200), headers: http.headers ?? {}, ...(body && { body }) };
}
