import type {
  app,
  EventHubFunctionOptions,
  FunctionResult,
  HttpFunctionOptions,
  HttpRequest,
  HttpResponseInit,
  InvocationContext,
  StorageQueueFunctionOptions,
} from "@azure/functions";

/** The options of an HTTP function that this app sets. */
interface HttpOptions extends Omit<HttpFunctionOptions, "handler"> {
  readonly handler: (request: HttpRequest, context: InvocationContext) => FunctionResult<HttpResponseInit>;
}

/** The part of `@azure/functions` that registers functions. The content of a message is `unknown` until it has been parsed. */
export interface HostApp extends Pick<typeof app, "timer"> {
  http(name: string, options: HttpOptions): void;
  storageQueue(name: string, options: StorageQueueFunctionOptions<unknown>): void;
  eventHub(name: string, options: EventHubFunctionOptions<unknown>): void;
}

/** The app setting (connection string or identity) of the storage that holds the queues. */
export const storageConnection = "AzureWebJobsStorage";

/** Headers of every answer: no cache keeps it, no browser guesses its type, and browsers use only TLS for a year. */
export const safeHeaders = {
  "Cache-Control": "no-store",
  "Strict-Transport-Security": "max-age=31536000",
  "X-Content-Type-Options": "nosniff",
};

/** Wraps the host so that every answer of an HTTP function has these headers. host.json sets them for the host's own answers. */
export const withSafeHeaders = (host: HostApp): HostApp => ({
  http: (name, options) =>
    host.http(name, {
      ...options,
      async handler(request, context) {
        const answer = await options.handler(request, context);
        const headers = new Headers(safeHeaders);
        for (const [name, value] of new Headers(answer.headers)) headers.set(name, value);
        return { ...answer, headers: Object.fromEntries(headers) };
      },
    }),
  timer: (name, options) => host.timer(name, options),
  storageQueue: (name, options) => host.storageQueue(name, options),
  eventHub: (name, options) => host.eventHub(name, options),
});
