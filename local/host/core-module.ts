import { registerHooks } from "node:module";
import { z } from "zod";
import { HostError } from "./host-error.ts";
import type { Log } from "./log.ts";
import type { FunctionCallback, HookCallback, LogLevel, ProgrammingModel } from "./rpc.ts";

const metadataSchema = z.looseObject({
  name: z.string().min(1),
  bindings: z.record(z.string(), z.looseObject({ type: z.string(), direction: z.string().optional() })),
  retryOptions: z.unknown(),
});

export type FunctionMetadata = z.infer<typeof metadataSchema>;

export interface RegisteredFunction {
  readonly name: string;
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

const hookNames = ["preInvocation", "postInvocation", "appStart", "appTerminate", "log"] as const;
export type HookName = (typeof hookNames)[number];

class Disposable {
  #callOnDispose: (() => unknown) | undefined;

  constructor(callOnDispose: () => unknown) {
    this.#callOnDispose = callOnDispose;
  }

  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  dispose(): void {
    const call = this.#callOnDispose;
    this.#callOnDispose = undefined;
    call?.();
  }
}

/** What an app has registered with the host. */
export type Core = ReturnType<typeof createCore>;

/** The registry behind `@azure/functions-core` and the module itself (`api`). */
export function createCore(log: Log) {
  const functions = new Map<string, RegisteredFunction>();
  const hooks = new Map<HookName, HookCallback[]>(hookNames.map((name) => [name, []]));
  let model: ProgrammingModel | undefined;
  let open = true;

  const api = {
    version: "3.10.1",
    hostVersion: "4.1036.0",
    Disposable,
    registerFunction(metadata: unknown, callback: FunctionCallback): Disposable {
      const parsed = metadataSchema.parse(metadata);
      if (!open) throw new HostError("registrationClosed", "A function can only be registered during app startup.");
      // Function names are compared without case in Azure.
      const key = parsed.name.toLowerCase();
      if (functions.has(key)) {
        throw new HostError(
          "functionDuplicate",
          `A function named "${parsed.name}" exists already: rename one of them.`,
        );
      }
      functions.set(key, { name: parsed.name, metadata: parsed, callback });
      return new Disposable(() => functions.delete(key));
    },
    registerHook(name: string, callback: HookCallback): Disposable {
      const known = hookNames.find((hook) => hook === name);
      const callbacks = known && hooks.get(known);
      if (!callbacks) throw new RangeError(`Unrecognized hook "${name}".`);
      callbacks.push(callback);
      return new Disposable(() => callbacks.splice(callbacks.indexOf(callback), 1));
    },
    setProgrammingModel: (value: ProgrammingModel): void => {
      model = value;
    },
    getProgrammingModel: (): ProgrammingModel | undefined => model,
    log: (level: LogLevel, category: string, message: string): void => {
      log(category === "system" && level === "information" ? "debug" : level, message);
    },
  };

  return {
    api,
    appHookData: {},
    functions: (): RegisteredFunction[] => [...functions.values()],
    hooks: (name: HookName): readonly HookCallback[] => [...(hooks.get(name) ?? [])],
    model: (): ProgrammingModel | undefined => model,
    closeRegistration: (): void => {
      open = false;
    },
  };
}

/** Answers `require("@azure/functions-core")` with `api` in this process, as the Node worker does. Call once, before the app is loaded. */
export function installCoreModule(api: Core["api"]): void {
  const url = "functions-host:core";
  const key = "pim-cutoff.functions-core";
  Object.defineProperty(globalThis, Symbol.for(key), { value: api });
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "@azure/functions-core"
        ? { url, format: "commonjs", shortCircuit: true }
        : next(specifier, context),
    load: (loaded, context, next) =>
      loaded === url
        ? { format: "commonjs", source: `module.exports = globalThis[Symbol.for("${key}")];`, shortCircuit: true }
        : next(loaded, context),
  });
}
