import type { Clock } from "../clock.ts";
import type { Dated } from "../graph/graph.ts";
import type { GraphClock } from "../graph/graph-clock.ts";
import type { Recipients } from "../graph/recipients.ts";
import type { ResolvedPolicy } from "../revocation/policy.ts";
import type { GraphCloud, PersonSettings, RecipientKind } from "../settings/settings.ts";
import type { Queue } from "../storage/queue.ts";
import type { Table } from "../storage/table.ts";
import type { EventProperties, Telemetry } from "../telemetry/telemetry.ts";
import type { Channel } from "./channel.ts";
import type { Lanes } from "./lanes.ts";
import type { SendMail } from "./mail.ts";
import type { Directory } from "./names.ts";
import { afterDelivery } from "./retry.ts";
import type { OutgoingMessage } from "./standard.ts";
import { isStopped, stopChannel } from "./stopped.ts";
import type { WakeUps } from "./wake-ups.ts";

/** What mails to people need. */
export interface PersonDependencies {
  readonly settings: Omit<PersonSettings, "mail">;
  readonly sendMail: SendMail;
  /** @throws GraphRetryableError, GraphPermanentError */
  readRecipients(userId: string, kind: RecipientKind): Promise<Dated<Recipients>>;
  /** @throws the errors of storage */
  readPolicy(): Promise<ResolvedPolicy>;
  /** Whether the emergency stop is in force. @throws the errors of storage */
  isStopped(): Promise<boolean>;
  readonly graphClock: GraphClock;
}

/** Everything that telling touches of the outside, passed in. */
export interface NotifyDependencies {
  readonly principals: Table;
  readonly state: Table;
  readonly notices: Queue;
  readonly channels: readonly Channel[];
  /** Who tells the person; null when nobody does. */
  readonly person: PersonDependencies | null;
  readonly directory: Directory;
  readonly showNames: boolean;
  readonly cloud: GraphCloud;
  readonly lanes: Lanes;
  readonly wakeUps: WakeUps;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly telemetry: Telemetry;
}

/** What became of one try. `later`: nothing was sent, or it failed, and the message is to come again after `wait`. */
export type Sent =
  | { readonly kind: "delivered" }
  | { readonly kind: "later"; readonly tries: number; readonly wait: number }
  | { readonly kind: "park"; readonly code: string };

/** Milliseconds until a message comes again for which its channel had no room; as much again is drawn. */
const busyWait = 15_000;

/**
 * Tries once to deliver a message to a channel. A receiver that hangs occupies its own lane and nothing else.
 * @param about of what it tells, in object ids
 * @throws the errors of storage
 */
export async function sendOnce(
  { number, urlMark, post }: Channel,
  message: OutgoingMessage,
  tries: number,
  about: EventProperties,
  { state, lanes, random, telemetry }: NotifyDependencies,
): Promise<Sent> {
  if (await isStopped(state, number, urlMark)) return { kind: "park", code: "CHANNEL_STOPPED" };
  const delivery = await lanes.run(number, () => post(message));
  if (delivery === null) return { kind: "later", tries, wait: Math.round(busyWait * (1 + random())) };
  const next = afterDelivery(delivery, tries, random());
  if (next.kind === "delivered") {
    telemetry.event("notified", { ...about, channel: number, tries });
    return next;
  }
  if (next.kind === "retry") {
    telemetry.event("notifyFailed", { ...about, channel: number, status: delivery.status, tries });
    return { kind: "later", tries: tries + 1, wait: next.wait };
  }
  if (next.stops) {
    await stopChannel(state, number, urlMark);
    telemetry.alarm("channelStopped", { channel: number, code: next.code });
  }
  return { kind: "park", code: next.code };
}
