import { asHint, parseSignal, toMessage } from "../assignments/signal.ts";
import { parseErrand } from "./errand.ts";

/**
 * The messages of a pack, as they may be sent on under our seal. Of a pack that is not ours nothing is believed: its signals become hints, and a
 * pack inside it is left out, or whoever can write to the queue could have us seal what they forged.
 * @throws SignalError for a message that is neither a signal nor an errand
 */
export function unpackMessages(messages: readonly unknown[], isOurs: boolean): readonly unknown[] {
  if (isOurs) return messages;
  return messages.flatMap((message) => {
    const errand = parseErrand(message);
    if (errand === null) return [toMessage(asHint(parseSignal(message)))];
    return errand.errand === "sendAll" ? [] : [message];
  });
}
