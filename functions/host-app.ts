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

/** An HTTP function as this app declares it. */
interface HttpOptions extends Omit<HttpFunctionOptions, "handler"> {
  readonly handler: (request: HttpRequest, context: InvocationContext) => FunctionResult<HttpResponseInit>;
}

/** The part of `@azure/functions` that functions are registered with. What a message holds is unknown until it has been parsed. */
export interface HostApp extends Pick<typeof app, "timer"> {
  http(name: string, options: HttpOptions): void;
  storageQueue(name: string, options: StorageQueueFunctionOptions<unknown>): void;
  eventHub(name: string, options: EventHubFunctionOptions<unknown>): void;
}

/** The app setting (connection string or identity) of the storage that holds the queues. */
export const storageConnection = "AzureWebJobsStorage";

/** Of every answer: nobody keeps it, no browser takes it for something else, and none asks without TLS for a year. */
export const safeHeaders = {
  "Cache-Control": "no-store",
  "Strict-Transport-Security": "max-age=31536000",
  "X-Content-Type-Options": "nosniff",
};

/** The same host, with these headers on whatever its HTTP functions answer. host.json has them for what the host answers itself. */
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
