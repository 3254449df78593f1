import { z } from "zod";
import { type Env, resolveSettings } from "./app-settings.ts";
import type { FunctionMetadata } from "./core-module.ts";
import { HostError } from "./host-error.ts";

const common = { name: z.string() };

const triggerSchema = z.discriminatedUnion("type", [
  z.object({
    ...common,
    type: z.literal("httpTrigger"),
    route: z.string().optional(),
    methods: z.array(z.string().toUpperCase()),
    authLevel: z.enum(["anonymous", "function", "admin"]),
  }),
  z.object({
    ...common,
    type: z.literal("timerTrigger"),
    schedule: z.string(),
    runOnStartup: z.boolean().default(false),
    useMonitor: z.boolean().default(true),
  }),
  z.object({
    ...common,
    type: z.literal("queueTrigger"),
    queueName: z.string(),
    connection: z.string().optional(),
  }),
  z.object({
    ...common,
    type: z.literal("eventHubTrigger"),
    cardinality: z.enum(["one", "many"]).default("many"),
  }),
]);

export type Trigger = z.infer<typeof triggerSchema>;
export type HttpTrigger = Extract<Trigger, { type: "httpTrigger" }>;
export type TimerTrigger = Extract<Trigger, { type: "timerTrigger" }>;
export type QueueTrigger = Extract<Trigger, { type: "queueTrigger" }>;
export type EventHubTrigger = Extract<Trigger, { type: "eventHubTrigger" }>;

/**
 * The trigger of a function with its binding expressions resolved.
 * @throws HostError when the declaration cannot be run here; in Azure too only that function is then "in error".
 */
export function readTrigger(metadata: FunctionMetadata, env: Env): Trigger {
  const found: Trigger[] = [];
  for (const [name, binding] of Object.entries(metadata.bindings)) {
    if (binding.type.toLowerCase().endsWith("trigger")) found.push(parse(name, resolveAll(binding, env)));
    else if (!(name === "$return" && binding.type === "http")) {
      throw new HostError("unsupported", `The local host has no binding of type "${binding.type}" ("${name}").`);
    }
  }
  const [trigger, ...others] = found;
  if (!trigger || others.length > 0) throw new HostError("functionInvalid", "A function needs exactly one trigger.");
  return trigger;
}

function parse(name: string, binding: Record<string, unknown>): Trigger {
  const parsed = triggerSchema.safeParse({ ...binding, name });
  if (!parsed.success) throw new HostError("functionInvalid", z.prettifyError(parsed.error));
  return parsed.data;
}

function resolveAll(binding: Record<string, unknown>, env: Env): Record<string, unknown> {
  const resolved = Object.entries(binding).map(([key, value]) => [
    key,
    typeof value === "string" ? resolveSettings(value, env) : value,
  ]);
  return Object.fromEntries(resolved);
}
