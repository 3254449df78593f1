import { z } from "zod";
import type { Clock, GraphTime } from "../base/clock.ts";
import type { Queue } from "../storage/queue.ts";

/** All messages of the principals queue begin with this. Version 1 was of 0.1, which used another queue. */
const version = z.literal(2);
const guid = z.guid().toLowerCase();
const reasons = ["timer", "resync", "operator", "group", "notification", "audit", "massExpiry"] as const;

const principalSchema = z.object({
  v: version,
  kind: z.literal("principal"),
  principalId: guid,
  because: z.enum(reasons),
  tries: z.int().nonnegative(),
  confirms: guid.optional(),
  notifiedAt: z.number().optional(),
  standby: z.number().optional(),
});

const messageSchema = z.discriminatedUnion("kind", [
  principalSchema,
  z.object({ v: version, kind: z.literal("massExpiry"), second: z.int() }),
  z.object({ v: version, kind: z.literal("resync") }),
  z.object({ v: version, kind: z.literal("catchUp"), notifiedAt: z.number() }),
  z.object({ v: version, kind: z.literal("subscribe"), groupId: guid }),
  z.object({ v: version, kind: z.literal("keepSubscriptions"), asked: z.array(guid) }),
  z.object({ v: version, kind: z.literal("sendAll"), messages: z.array(z.unknown()) }),
]);

/** "Look at principal P". It is a hint: what is acted upon is what Graph shows of P. */
export interface Signal {
  readonly principalId: string;
  /** `massExpiry`: of whoever cuts a mass expiry, so that the pass is not left to a mass expiry again. */
  readonly because: (typeof reasons)[number];
  /** How often in a row Graph could not be read for it. */
  readonly tries: number;
  /** The group whose members changed, by an authenticated notification: it stands for the second answer without one of them. */
  readonly confirms?: string;
  /** Graph's time by when a notification had come: who has read the group since then has nothing to do. */
  readonly notifiedAt?: GraphTime;
  /** Sent in case the host dies that waits for a known end: that end, Graph's time. It has no standby message of its own. */
  readonly standby?: GraphTime;
}

/** Work for the whole app that somebody outside asked for. */
export type Job =
  | { readonly kind: "resync" }
  /** Graph's audit log is said to have a new row. `notifiedAt`: Graph's time by when the notification had come. */
  | { readonly kind: "catchUp"; readonly notifiedAt: GraphTime }
  /** The members of this group were read for the first time: nobody need wait for the keeper's turn. */
  | { readonly kind: "subscribe"; readonly groupId: string }
  /** Ids of subscriptions that Graph sent a lifecycle notification about. */
  | { readonly kind: "keepSubscriptions"; readonly asked: readonly string[] }
  /** Messages that were written together: each is to be sent by itself. */
  | { readonly kind: "sendAll"; readonly messages: readonly unknown[] };

/** Everything that the principals queue carries. */
type Message =
  | { readonly kind: "principal"; readonly signal: Signal }
  /** Cut the mass expiry of this second, Graph's time. */
  | { readonly kind: "massExpiry"; readonly second: GraphTime }
  | Job;

/** A message that this version does not know. Trying again changes nothing: the host parks it in the poison queue. */
export class SignalError extends Error {
  readonly code = "SIGNAL_UNREADABLE";
  override readonly name = "SignalError";
}

/** @throws SignalError naming the field that is wrong, never its content. */
export function parseMessage(message: unknown): Message {
  const { success, data, error } = messageSchema.safeParse(message);
  if (!success) {
    const places = error.issues.map(({ path, code }) => `${path.join(".") || "message"} (${code})`);
    throw new SignalError(`A message of the principals queue is not of this version: see ${places.join(", ")}.`);
  }
  return data.kind === "principal" ? { kind: "principal", signal: toSignal(data) } : data;
}

/** The signal of a message. @throws SignalError also for a message of another kind. */
export function parseSignal(message: unknown): Signal {
  const parsed = parseMessage(message);
  if (parsed.kind === "principal") return parsed.signal;
  throw new SignalError("A message of the principals queue is not about one principal: see kind.");
}

function toSignal({ principalId, because, tries, ...optional }: z.infer<typeof principalSchema>): Signal {
  const { confirms, notifiedAt, standby } = optional;
  return {
    principalId,
    because,
    tries,
    ...(confirms === undefined ? {} : { confirms }),
    ...(notifiedAt === undefined ? {} : { notifiedAt }),
    ...(standby === undefined ? {} : { standby }),
  };
}

/** The signal as a hint: of a message that may be anybody's, nothing counts but the principal. */
export const asHint = ({ principalId, because, tries }: Signal): Signal => ({ principalId, because, tries });

/** The next pass of the same principal, by message. */
export const nextSignal = ({ principalId, because }: Signal): Signal => ({
  principalId,
  because: because === "massExpiry" ? "massExpiry" : "timer",
  tries: 0,
});

export const toMessage = (signal: Signal): unknown => ({ v: 2, kind: "principal", ...signal });
export const massExpiryMessage = (second: GraphTime): unknown => ({ v: 2, kind: "massExpiry", second });
export const jobMessage = (job: Job): unknown => ({ v: 2, ...job });

/** As many messages as are still sent one by one: a single notification should not wait for a second hop through the queue. */
const fewest = 4;

/** Some 250 bytes each, so that a pack stays well below the 48 KB of a queue message. */
const mostInPack = 64;

/**
 * Messages that are written together, in as few queue messages as may be: a write costs the endpoint more than all else it does for a
 * notification. Whoever takes a pack off the queue sends what is in it. Pure.
 */
export function packMessages(messages: readonly unknown[]): readonly unknown[] {
  if (messages.length <= fewest) return messages;
  const packs: unknown[] = [];
  for (let start = 0; start < messages.length; start += mostInPack) {
    packs.push(jobMessage({ kind: "sendAll", messages: messages.slice(start, start + mostInPack) }));
  }
  return packs;
}

/**
 * The messages of a pack, as they may be sent on under our seal. Of a pack that is not ours nothing is believed: its signals become hints, and a
 * pack inside it is left out, or whoever can write to the queue could have us seal what they forged.
 * @throws SignalError for a message that this version does not know
 */
export function unpackMessages(messages: readonly unknown[], isOurs: boolean): readonly unknown[] {
  if (isOurs) return messages;
  return messages.map(parseMessage).flatMap((message) => {
    if (message.kind === "principal") return [toMessage(asHint(message.signal))];
    return message.kind === "sendAll" || message.kind === "massExpiry" ? [] : [jobMessage(message)];
  });
}

/** A queue message, and what makes another one superfluous. */
export interface KeyedMessage {
  readonly key: string;
  readonly message: unknown;
}

/** Resolves when for each a message has been persisted after the call. @throws what the queue throws: nothing may be acknowledged then */
export type WriteSignals = (writes: readonly KeyedMessage[]) => Promise<void>;

/** Milliseconds for which writes are gathered before they are made. */
const gatherFor = 20;

interface Gathering {
  readonly messages: Map<string, unknown>;
  readonly written: Promise<void>;
}

/** Gathers what several requests have to write: a burst about one group becomes one message, and all of them wait for it. */
export function createSignalWriter(queue: Queue, clock: Pick<Clock, "sleep">): WriteSignals {
  let gathering: Gathering | null = null;

  const begin = (): Gathering => {
    const messages = new Map<string, unknown>();
    const write = async () => {
      await clock.sleep(gatherFor);
      // Whoever comes from here on needs a write that has not begun.
      gathering = null;
      await Promise.all(packMessages([...messages.values()]).map((message) => queue.send(message, 0)));
    };
    return { messages, written: write() };
  };

  return async (writes) => {
    if (writes.length === 0) return;
    gathering ??= begin();
    const { messages, written } = gathering;
    for (const { key, message } of writes) messages.set(key, message);
    await written;
  };
}
