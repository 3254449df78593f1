import { asHint, errandMessage, parseMessage, toMessage } from "../reconcile/messages.ts";

/**
 * The messages of a pack, as they may be sent on under our seal. Of a pack that is not ours nothing is believed: its signals become hints, and a
 * pack inside it is left out, or whoever can write to the queue could have us seal what they forged.
 * @throws SignalError for a message that this version does not know
 */
export function unpackMessages(messages: readonly unknown[], isOurs: boolean): readonly unknown[] {
  if (isOurs) return messages;
  return messages.map(parseMessage).flatMap((message) => {
    if (message.kind === "principal") return [toMessage(asHint(message.signal))];
    return message.kind === "sendAll" || message.kind === "rush" ? [] : [errandMessage(message)];
  });
}
