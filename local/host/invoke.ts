import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { Core, RegisteredFunction } from "./core-module.ts";
import { HostError } from "./host-error.ts";
import { describeError, type Log } from "./log.ts";
import type { CoreInvocationContext, TypedData } from "./rpc.ts";
import { runHooks } from "./run-hooks.ts";

export interface InvocationInput {
  /** Name of the trigger's binding. */
  readonly name: string;
  readonly data: TypedData;
  readonly triggerMetadata?: Record<string, TypedData>;
  /** Why it runs, for the log: "New queue message detected on 'principals'." */
  readonly reason: string;
}

export type InvocationResult =
  | { readonly succeeded: true; readonly returnValue: TypedData | null | undefined }
  | { readonly succeeded: false };

/** Runs a function once. Never rejects: a failure is logged with its stack and returned. */
export type Invoke = (fn: RegisteredFunction, input: InvocationInput) => Promise<InvocationResult>;

export interface Invoker {
  readonly invoke: Invoke;
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>;
}

export function createInvoker(core: Core, log: Log): Invoker {
  const running = new Set<Promise<InvocationResult>>();

  async function invokeAndLog(fn: RegisteredFunction, input: InvocationInput): Promise<InvocationResult> {
    const scope = { functionName: fn.name, invocationId: randomUUID() };
    const started = performance.now();
    const report = (outcome: string) =>
      `Executed (${outcome}, Id=${scope.invocationId}, Duration=${Math.round(performance.now() - started)}ms)`;
    log("information", `Executing (Reason='${input.reason}', Id=${scope.invocationId})`, scope);
    try {
      const returnValue = await callModel(core, log, fn, input, scope.invocationId);
      log("information", report("Succeeded"), scope);
      return { succeeded: true, returnValue };
    } catch (error) {
      log("error", `${report("Failed")}\n${describeError(error)}`, scope);
      return { succeeded: false };
    }
  }

  return {
    invoke: (fn, input) => {
      const invocation = invokeAndLog(fn, input).finally(() => running.delete(invocation));
      running.add(invocation);
      return invocation;
    },
    idle: async () => {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** The order of steps is the Node worker's own: arguments, pre-hooks, handler, post-hooks (which may change the outcome), response. */
async function callModel(
  core: Core,
  log: Log,
  fn: RegisteredFunction,
  input: InvocationInput,
  invocationId: string,
): Promise<TypedData | null | undefined> {
  const model = core.model();
  if (!model) throw new HostError("appInvalid", "The app set no programming model: does it use @azure/functions v4?");
  const { appHookData } = core;
  let invocationContext: unknown;

  const coreContext: CoreInvocationContext = {
    invocationId,
    request: {
      invocationId,
      functionId: fn.name,
      inputData: [{ name: input.name, data: input.data }],
      triggerMetadata: input.triggerMetadata ?? {},
      traceContext: null,
      retryContext: null,
    },
    metadata: fn.metadata,
    log(level, category, message) {
      const entry = { level, message, category, hookData: {}, appHookData, invocationContext };
      for (const hook of core.hooks("log")) hook(entry);
      log(entry.level, entry.message, { functionName: fn.name, invocationId });
    },
  };

  const invocation = model.getInvocationModel(coreContext);
  const { context, inputs } = await invocation.getArguments();
  invocationContext = context;
  const shared = { hookData: {}, appHookData, invocationContext };

  coreContext.state = "preInvocationHooks";
  const before = { ...shared, inputs, functionCallback: fn.callback };
  await runHooks(core, "preInvocation", before);

  const after: { result: unknown; error: unknown } & Record<string, unknown> = {
    ...shared,
    inputs: before.inputs,
    result: null,
    error: null,
  };
  coreContext.state = "invocation";
  try {
    after.result = await invocation.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    // A handler may throw anything, even undefined, and has failed all the same.
    after.error = error ?? new Error("The function threw nothing.");
  }

  coreContext.state = "postInvocationHooks";
  await runHooks(core, "postInvocation", after);
  coreContext.state = undefined;
  if (after.error !== null && after.error !== undefined) throw after.error;
  return (await invocation.getResponse(context, after.result)).returnValue;
}
