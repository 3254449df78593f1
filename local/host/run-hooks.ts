import type { Core, HookName } from "./core-module.ts";

/** Calls the app's hooks of one kind in the order of their registration. A hook that throws stops the rest. */
export async function runHooks(core: Core, name: HookName, context: Record<string, unknown>): Promise<void> {
  for (const hook of core.hooks(name)) await hook(context);
}
