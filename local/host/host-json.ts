import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Env } from "./app-settings.ts";
import { HostError } from "./host-error.ts";
import { parseTimeSpan } from "./time-span.ts";

const timeSpan = z.string().transform((text, context) => {
  const milliseconds = parseTimeSpan(text);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue({ code: "custom", message: `"${text}" is not a time span like 00:00:01` });
  return z.NEVER;
});

// Azure docs: functions-bindings-storage-queue, host.json settings. Milliseconds after parsing.
const queues = z.object({
  maxPollingInterval: timeSpan.default(60_000),
  visibilityTimeout: timeSpan.default(0),
  batchSize: z.int().min(1).max(32).default(16),
  maxDequeueCount: z.int().min(1).default(5),
  newBatchThreshold: z.int().min(0).optional(),
  messageEncoding: z.enum(["base64", "none"]).default("base64"),
});

const http = z.object({
  routePrefix: z.string().default("api"),
  customHeaders: z.record(z.string(), z.string()).default({}),
});

// Azure docs: functions-host-json, singleton. The lock that lets one instance of the app run a timer.
const singleton = z.object({
  listenerLockPeriod: timeSpan.pipe(z.number().min(15_000).max(60_000)).default(60_000),
  listenerLockRecoveryPollingInterval: timeSpan.default(60_000),
});

const hostJson = z.object({
  version: z.literal("2.0"),
  extensions: z.object({ http: http.prefault({}), queues: queues.prefault({}) }).prefault({}),
  singleton: singleton.prefault({}),
});

export type HostJson = z.infer<typeof hostJson>;
export type QueueOptions = HostJson["extensions"]["queues"];

/** Reads `host.json` of an app and what app settings override; what both leave out gets Azure's defaults. @throws HostError `hostJsonInvalid`. */
export async function readHostJson(appDirectory: string, env: Env): Promise<HostJson> {
  const path = join(appDirectory, "host.json");
  try {
    return hostJson.parse(overridden(JSON.parse(await readFile(path, "utf8")), env));
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new HostError("hostJsonInvalid", `host.json cannot be used, correct it: ${what}`, error);
  }
}

const prefix = "AzureFunctionsJobHost__";

/** `AzureFunctionsJobHost__a__b` counts in the place of `{"a":{"b":...}}` (Azure docs: functions-host-json, override host.json values). */
function overridden(json: unknown, env: Env): unknown {
  return Object.entries(env).reduce(
    (changed, [name, value]) =>
      name.startsWith(prefix) && value !== undefined
        ? put(changed, name.slice(prefix.length).split("__"), value)
        : changed,
    json,
  );
}

/** The JSON with the value at that path. App settings are texts: one that is a whole number stands for the number. */
function put(json: unknown, [key, ...rest]: readonly string[], value: string): unknown {
  if (key === undefined) return /^\d+$/.test(value) ? Number(value) : value;
  const object = Object(json);
  return { ...object, [key]: put(object[key], rest, value) };
}
