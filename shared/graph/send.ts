import {
  type AuthenticationProvider,
  Client,
  type Middleware,
  ResponseType,
  type GraphRequest as SdkRequest,
} from "@microsoft/microsoft-graph-client";
import type { Clock } from "../base/clock.ts";
import { authorise, trustedOrigin } from "./authorise.ts";
import { isGraphError } from "./graph-errors.ts";
import { noAnswer } from "./no-answer-error.ts";
import type { Endpoint } from "./permissions.ts";
import { fromSdk, throughSdk } from "./through-sdk.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** `body` is sent as JSON. */
export type Method = { readonly method: "GET" } | { readonly method: "POST"; readonly body: unknown };

/** Only of subscriptions. */
export type ChangeMethod = { readonly method: "PATCH"; readonly body: unknown } | { readonly method: "DELETE" };

export type GraphRequest = (Method | ChangeMethod) & {
  readonly endpoint: Endpoint;
  /** Below `/v1.0/`, with its query, percent-encoded. */
  readonly path: string;
  /** Whose requests Graph refuses first when it must (Graph docs: throttling). */
  readonly priority: "low" | "normal" | "high";
  /** Milliseconds for the whole try: token, connection, headers and body. */
  readonly timeout: number;
};

export interface Reply {
  /** Any status. Its body is not read yet; reading it is bound by the same timeout. */
  readonly response: Response;
  /** `Clock.monotonic()` when the headers arrived. */
  readonly at: number;
}

/**
 * One try, never repeated.
 * @throws NoAnswerError, or GraphPermanentError `foreignLink` when the path leads to another host
 */
export type Send = (request: GraphRequest) => Promise<Reply>;

export interface SendOptions {
  /** Origin of Graph, e.g. `https://graph.microsoft.com`. */
  readonly baseUrl: string;
  readonly authProvider: AuthenticationProvider;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

/** @throws GraphPermanentError `insecureBaseUrl` */
export function createSend({ baseUrl, authProvider, fetch, clock, random }: SendOptions): Send {
  const origin = trustedOrigin(baseUrl);
  const middleware = [authorise(authProvider, origin), transmit(fetch)];
  const client = Client.initWithMiddleware({ baseUrl: origin, defaultVersion: "v1.0", middleware });

  return async (request) => {
    const call = client
      .api(request.path)
      .responseType(ResponseType.RAW)
      .option("signal", AbortSignal.timeout(request.timeout))
      // A redirect would carry the token to a place that nobody configured.
      .option("redirect", "manual")
      .headers({
        "client-request-id": requestId(random),
        "User-Agent": "pim-cutoff",
        "x-ms-throttle-priority": request.priority,
      });
    try {
      const response = await perform(call, request);
      return { response, at: clock.monotonic() };
    } catch (error) {
      const original = fromSdk(error);
      throw isGraphError(original) ? original : noAnswer(original);
    }
  };
}

function perform(call: SdkRequest, request: Method | ChangeMethod): Promise<Response> {
  switch (request.method) {
    case "GET":
      return call.get();
    case "POST":
      return call.post(request.body);
    case "PATCH":
      return call.patch(request.body);
    case "DELETE":
      return call.delete();
  }
}

/** Last link of the SDK's chain. */
function transmit(fetch: Fetch): Middleware {
  return {
    async execute(context) {
      try {
        context.response = await fetch(String(context.request), { ...context.options });
      } catch (error) {
        throw throughSdk(noAnswer(error));
      }
    },
  };
}

/** A random GUID, with which Microsoft's support finds a request that never got an answer. */
function requestId(random: () => number): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join("");
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}
