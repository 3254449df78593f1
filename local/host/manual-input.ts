import { toEventHubInput } from "./event-hub-trigger.ts";
import type { InvocationInput } from "./invoke.ts";
import { manualMessageMetadata, toMessageData } from "./queue-message.ts";
import { toTimerData } from "./timer-status.ts";
import type { Trigger } from "./triggers.ts";

/** What a function gets when the admin endpoint fires it with `input`; undefined for an HTTP function, which has its own URL. */
export function toManualInput(trigger: Trigger, input: string, now: Date): InvocationInput | undefined {
  const reason = "This function was programmatically called via the host APIs.";
  switch (trigger.type) {
    case "httpTrigger":
      return undefined;
    case "timerTrigger":
      return { name: trigger.name, data: toTimerData(undefined, false), reason };
    case "queueTrigger":
      return { name: trigger.name, data: toMessageData(input), triggerMetadata: manualMessageMetadata(now), reason };
    case "eventHubTrigger":
      return { ...toEventHubInput(trigger, input, now), reason };
  }
}
