import type { InvocationInput } from "./invoke.ts";
import type { TypedData } from "./rpc.ts";
import type { EventHubTrigger } from "./triggers.ts";

/**
 * A batch of events from the admin endpoint's `input`. A JSON array gives one event for each element, anything else is one event:
 * that goes further than Azure, where `input` is always one event, because no emulator brings batches here.
 */
export function toEventHubInput(trigger: EventHubTrigger, input: string, now: Date): Omit<InvocationInput, "reason"> {
  const bodies = split(input);
  if (trigger.cardinality === "one") {
    return { name: trigger.name, data: { string: input }, triggerMetadata: { EnqueuedTimeUtc: toJson(now) } };
  }
  return {
    name: trigger.name,
    data: { collectionString: { string: bodies } },
    triggerMetadata: {
      SequenceNumberArray: toJson(bodies.map((_, index) => index)),
      OffsetArray: toJson(bodies.map((_, index) => String(index))),
      EnqueuedTimeUtcArray: toJson(bodies.map(() => now)),
      PropertiesArray: toJson(bodies.map(() => ({}))),
      SystemPropertiesArray: toJson(bodies.map(() => ({}))),
      PartitionContext: toJson({ PartitionId: "0", ConsumerGroup: "$Default" }),
    },
  };
}

const toJson = (value: unknown): TypedData => ({ json: JSON.stringify(value) });

function split(input: string): string[] {
  try {
    const parsed: unknown = JSON.parse(input);
    if (Array.isArray(parsed))
      return parsed.map((event) => (typeof event === "string" ? event : JSON.stringify(event)));
  } catch {
    // Not JSON: an event may be any text.
  }
  return [input];
}
