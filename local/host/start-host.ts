import { createHash, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { createAdmin } from "./admin.ts";
import { createCore, installCoreModule } from "./core-module.ts";
import { HostError } from "./host-error.ts";
import { readHostJson } from "./host-json.ts";
import { startHttpServer } from "./http-server.ts";
import { createHttpDispatcher, type HttpRoute, toHttpRoute } from "./http-trigger.ts";
import { type IndexedFunction, indexFunctions } from "./index-functions.ts";
import { createInvoker } from "./invoke.ts";
import { readKeys } from "./keys.ts";
import type { Listener } from "./listener.ts";
import { loadApp } from "./load-app.ts";
import { addLocalSettings } from "./local-settings.ts";
import { describeError, type Log } from "./log.ts";
import { startQueueTrigger } from "./queue-trigger.ts";
import { runHooks } from "./run-hooks.ts";
import { startTimerTrigger } from "./timer-trigger.ts";

export interface Host {
  readonly url: string;
  /** Names of the functions that run. */
  readonly functions: string[];
  readonly masterKey: string;
  readonly functionKey: string;
  /** Takes no new work, waits for what runs and calls the app's `appTerminate` hooks. */
  stop(): Promise<void>;
}

export interface HostOptions {
  readonly appDirectory: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The app settings; the app's own `process.env`, as it reads its settings there. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
}

/** Runs an app in this process, which can hold only one. Rejects when the app cannot be loaded. */
export async function startHost({ appDirectory, port, env, log }: HostOptions): Promise<Host> {
  await addLocalSettings(appDirectory, env);
  env.FUNCTIONS_WORKER_RUNTIME ??= "node";
  env.AZURE_FUNCTIONS_ENVIRONMENT ??= "Development";
  const hostJson = await readHostJson(appDirectory, env);
  const core = createCore(log);
  installCoreModule(core.api);
  await loadApp(appDirectory);
  core.closeRegistration();

  const appContext = { functionAppDirectory: appDirectory, hookData: {}, appHookData: core.appHookData };
  await runHooks(core, "appStart", appContext);
  const capabilities = await core.model()?.getCapabilities({});
  if (capabilities?.HttpUri) throw new HostError("unsupported", "HTTP streaming is not supported: turn it off.");

  const functions = indexFunctions(core.functions(), env, log);
  if (functions.length === 0) log("warning", "No functions found: did the app register any?");
  const { invoke, idle } = createInvoker(core, log);
  const keys = readKeys(env);
  const hostId = env.AzureFunctionsWebHost__hostid ?? defaultHostId(appDirectory);
  const timerHost = { env, hostId, instanceId: randomUUID(), singleton: hostJson.singleton, invoke, log };

  const routes: HttpRoute[] = [];
  const listeners: Listener[] = [];
  async function start({ fn, trigger }: IndexedFunction): Promise<void> {
    const { http, queues } = hostJson.extensions;
    if (trigger.type === "httpTrigger") routes.push(toHttpRoute(fn, trigger, http.routePrefix));
    if (trigger.type === "queueTrigger")
      listeners.push(await startQueueTrigger(fn, trigger, { env, options: queues, invoke, log }));
    if (trigger.type === "timerTrigger") listeners.push(startTimerTrigger(fn, trigger, timerHost));
  }

  const admin = createAdmin({ functions, keys, invoke, hostId });
  const dispatch = createHttpDispatcher(routes, keys, invoke);
  // First of all the port: when that is taken, no message may have been received and hidden yet.
  const server = await startHttpServer(
    port,
    hostJson.extensions.http.customHeaders,
    (request) => (request.url.pathname.startsWith("/admin/") ? admin(request) : dispatch(request)),
    log,
  );
  for (const indexed of functions) {
    try {
      await start(indexed);
    } catch (error) {
      log("error", `The listener for function '${indexed.fn.name}' was unable to start: ${describeError(error)}`);
    }
  }

  return {
    url: server.url,
    functions: functions.map(({ fn }) => fn.name),
    ...keys,
    stop: async () => {
      await Promise.all([server.close(), ...listeners.map((listener) => listener.stop())]);
      await idle();
      await runHooks(core, "appTerminate", appContext);
    },
  };
}

/** As with Core Tools, hosts of the same folder on the same machine are instances of one app. */
function defaultHostId(appDirectory: string): string {
  return createHash("sha256").update(`${hostname()}:${appDirectory}`).digest("hex").slice(0, 32);
}
