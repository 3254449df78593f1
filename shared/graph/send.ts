import {
  type AuthenticationProvider,
  Client,
  type Middleware,
  ResponseType,
  type GraphRequest as SdkRequest,
} from "@microsoft/microsoft-graph-client";
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import type { Telemetry, Tracing } from "../telemetry/telemetry.ts";
import { isGraphError, noAnswer } from "./errors.ts";
import { authorise, fromSdk, throughSdk, trustedOrigin } from "./own-token.ts";
import type { Endpoint } from "./permissions.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** `body` is sent as JSON. */
export type Method = { readonly method: "GET" } | { readonly method: "POST"; readonly body: unknown };

/** Methods that only subscriptions need. */
export type ChangeMethod = { readonly method: "PATCH"; readonly body: unknown } | { readonly method: "DELETE" };

export type GraphRequest = (Method | ChangeMethod) & {
  readonly endpoint: Endpoint;
  /** Below `/v1.0/`, with its query, percent-encoded. */
  readonly path: string;
  /** Graph refuses requests of low priority first (Graph docs: throttling). */
  readonly priority: "low" | "normal" | "high";
  /** Milliseconds for the whole try: token, connection, headers and body. */
  readonly timeout: number;
};

export interface Reply {
  /** The answer, with any status. Its body is not read yet; the same time-out applies to it. */
  readonly response: Response;
  /** `Clock.monotonic()` when the headers arrived. */
  readonly at: number;
}

/**
 * One try, never repeated.
 * @throws NoAnswerError, or GraphPermanentError `foreignLink` when the path leads to another host
 */
export type Send = (request: GraphRequest) => Promise<Reply>;

interface SendOptions {
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
      // A redirect would send the token to an address that no setting names.
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

/** Last middleware of the SDK's chain: sends the request. */
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

/** A random GUID, by which Microsoft's support can find a request without an answer. */
function requestId(random: () => number): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join("");
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}

const errorBody = z.object({ error: z.object({ code: z.string().regex(/^[\w.-]{1,100}$/) }) });

/** The facts of a failed request or batch item. Never Graph's message, which may contain names (Graph docs: errors). */
export interface FailedAnswer {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  /** Milliseconds to wait, from `Retry-After`. */
  readonly retryAfter: number | undefined;
}

/** `error.code` of a body, else a code made of the status, e.g. `http503`. */
export function errorCode(body: unknown, status: number): string {
  const parsed = errorBody.safeParse(body);
  return parsed.success ? parsed.data.error.code : `http${status}`;
}

/** The body as JSON; undefined when it is not JSON. Rejects when it cannot be read to its end. */
export async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Headers of a response, or of an item in a batch. Names are given in lower case. */
export interface HeaderSource {
  get(name: string): string | null;
}

/** The form that HTTP demands (RFC 9110, IMF-fixdate). Date.parse alone would accept a single digit as a date. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

function httpDate(text: string | null): number | undefined {
  const time = text !== null && HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** `Date` in epoch milliseconds; undefined when it is missing or unreadable. */
export const answerDate = (headers: HeaderSource): number | undefined => httpDate(headers.get("date"));

/**
 * `Retry-After` in milliseconds, rounded up: seconds, also fractional (Graph docs: throttling), or an HTTP date, which counts from
 * the answer's own date because this machine's clock may be wrong.
 */
export function retryAfter(headers: HeaderSource, date: number | undefined): number | undefined {
  const text = headers.get("retry-after");
  if (text !== null && /^\d{1,9}(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const until = httpDate(text);
  return until === undefined || date === undefined ? undefined : Math.max(0, until - date);
}

/** Counts and traces every request to Graph and every item of a batch. */
export interface CallWatch {
  /** The same `send`, with each try as a step of the current trace. Tracing by patched network modules does not work in a bundle. */
  traced(send: Send): Send;
  /** An item of a batch has its own status and quota (Graph docs: json-batching). */
  item(endpoint: Endpoint, status: number, headers: HeaderSource): void;
}

type CallResult = "ok" | "throttled" | "missing" | "refused" | "unavailable" | "unanswered";

/** The result of a call, as one of few values for the metric. The trace has the exact status. */
export function callResult(status: number): CallResult {
  if (status >= 200 && status < 300) return "ok";
  if (status === 429) return "throttled";
  if (status === 404) return "missing";
  return status >= 500 || status === 408 ? "unavailable" : "refused";
}

export function createCallWatch(telemetry: Pick<Telemetry, "measure">, tracing: Tracing): CallWatch {
  const count = ({ name }: Endpoint, result: CallResult) =>
    telemetry.measure("graphCalls", 1, { endpoint: name, result });

  function answered(endpoint: Endpoint, status: number, headers: HeaderSource): void {
    count(endpoint, callResult(status));
    const used = Number(headers.get("x-ms-throttle-limit-percentage") ?? Number.NaN);
    if (!Number.isNaN(used)) telemetry.measure("throttlePercentage", used, { endpoint: endpoint.name });
  }

  return {
    item: answered,
    traced: (send) => (request) => {
      const { endpoint, method, priority } = request;
      const properties = { "http.request.method": method, priority };
      return tracing.step(endpoint.name, { kind: "client", properties }, async (step) => {
        try {
          const reply = await send(request);
          const { status, headers } = reply.response;
          step.set({ "http.response.status_code": status, requestId: headers.get("request-id") });
          answered(endpoint, status, headers);
          return reply;
        } catch (error) {
          count(endpoint, "unanswered");
          throw error;
        }
      });
    },
  };
}
