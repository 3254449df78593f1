import type { Tracing } from "../telemetry/telemetry.ts";
import type { Telemetry } from "../telemetry/telemetry-parts.ts";
import type { HeaderSource } from "./http-answer.ts";
import type { Endpoint } from "./permissions.ts";
import type { Send } from "./send.ts";

/** Told of every request to Graph and of every item of a batch. */
export interface CallWatch {
  /** The same `send`, each try a step of the trace under way: patching the network's modules does not reach into a bundle. */
  traced(send: Send): Send;
  /** An item of a batch has its own status and quota (Graph docs: json-batching). */
  item(endpoint: Endpoint, status: number, headers: HeaderSource): void;
}

export type CallResult = "ok" | "throttled" | "missing" | "refused" | "unavailable" | "unanswered";

/** What became of a call, in few words: a status is looked up in the trace. */
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
