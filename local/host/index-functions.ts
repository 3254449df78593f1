import type { Env } from "./app-settings.ts";
import type { RegisteredFunction } from "./core-module.ts";
import { describeError, type Log } from "./log.ts";
import { readTrigger, type Trigger } from "./triggers.ts";

export interface IndexedFunction {
  readonly fn: RegisteredFunction;
  readonly trigger: Trigger;
}

/** The functions that can run, with their triggers. One that is in error or disabled is reported and left out; the others run. */
export function indexFunctions(functions: readonly RegisteredFunction[], env: Env, log: Log): IndexedFunction[] {
  const indexed: IndexedFunction[] = [];
  for (const fn of functions) {
    // Azure docs: disable-function.
    if (/^(?:true|1)$/i.test(env[`AzureWebJobs.${fn.name}.Disabled`] ?? "")) {
      log("warning", `Function '${fn.name}' is disabled.`);
      continue;
    }
    try {
      indexed.push({ fn, trigger: readTrigger(fn.metadata, env) });
    } catch (error) {
      log("error", `The '${fn.name}' function is in error: ${describeError(error)}`);
      continue;
    }
    if (fn.metadata.retryOptions) {
      log("warning", `Function '${fn.name}' declares a retry policy, which the local host does not carry out.`);
    }
  }
  return indexed;
}
