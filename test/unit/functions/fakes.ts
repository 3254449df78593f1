import type {
  EventHubFunctionOptions,
  HttpFunctionOptions,
  StorageQueueFunctionOptions,
  TimerFunctionOptions,
} from "@azure/functions";
import { HttpRequest, InvocationContext } from "@azure/functions";
import type { HostApp } from "../../../functions/host-app.ts";
import type { App } from "../../../shared/app.ts";

/** A host that only remembers what is declared to it, by the function's name. */
export function fakeHost() {
  const http = new Map<string, HttpFunctionOptions>();
  const timers = new Map<string, TimerFunctionOptions>();
  const queues = new Map<string, StorageQueueFunctionOptions>();
  const hubs = new Map<string, EventHubFunctionOptions>();
  const host: HostApp = {
    http: (name, options) => void http.set(name, typeof options === "function" ? { handler: options } : options),
    timer: (name, options) => void timers.set(name, options),
    storageQueue: (name, options) => void queues.set(name, options),
    eventHub: (name, options) => void hubs.set(name, options),
  };
  return { host, http, timers, queues, hubs };
}

/** What was declared under a name. */
export function declared<T>(functions: ReadonlyMap<string, T>, name: string): T {
  const options = functions.get(name);
  if (options === undefined)
    throw new Error(`No function "${name}" is declared, but ${[...functions.keys()].join(", ")}.`);
  return options;
}

/** An app of which a test says what it needs; everything else must not be called. */
export function fakeApp(uses: Partial<App>): App {
  const unexpected = async () => {
    throw new Error("This function has no business calling that.");
  };
  return {
    reconcile: unexpected,
    resync: unexpected,
    heartbeat: unexpected,
    park: unexpected,
    health: unexpected,
    operate: unexpected,
    authorize: unexpected,
    catchUp: unexpected,
    takeStream: unexpected,
    notifications: unexpected,
    lifecycle: unexpected,
    status: unexpected,
    webhook: null,
    close: unexpected,
    ...uses,
  };
}

export const invocation = (triggerMetadata: Record<string, unknown> = {}) =>
  new InvocationContext({ functionName: "test", invocationId: "1", triggerMetadata, logHandler: () => {} });

export const request = (method: string, params: Record<string, string> = {}, body = "") =>
  new HttpRequest({ method, url: "http://localhost/api", params, ...(body === "" ? {} : { body: { string: body } }) });
