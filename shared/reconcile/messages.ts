import { z } from "zod";
import { graphTime } from "../storage/table.ts";

/** The version of every message in the principals queue. Version 1 belonged to release 0.1, which used another queue. */
const v = z.literal(2);
const guid = z.guid().toLowerCase();

/** "Reconcile principal P". It is only a hint: the app acts upon what Graph shows of P. */
const signalSchema = z.object({
  principalId: guid,
  /** `massExpiry`: sent while a mass expiry is cut; the pass must then not be left to a mass expiry again. */
  because: z.enum(["timer", "resync", "operator", "group", "notification", "audit", "massExpiry"]),
  /** Failed passes in a row for this signal. */
  tries: z.int().nonnegative(),
  /** The group whose members changed according to an authenticated notification, which stands for the second answer without a member. */
  confirms: z.exactOptional(guid),
  /** Graph's time when the notification had arrived: if the group has been read since then, this signal needs no pass. */
  notifiedAt: z.exactOptional(graphTime),
  /** Set on a standby message: the known end that another host is waiting for, Graph's time. No further standby message is sent for it. */
  standby: z.exactOptional(graphTime),
});
export type Signal = Readonly<z.infer<typeof signalSchema>>;

const messageSchema = z
  .discriminatedUnion("kind", [
    z.object({ v, kind: z.literal("principal"), ...signalSchema.shape }),
    /** Cut the mass expiry of this second (Graph's time, epoch milliseconds). */
    z.object({ v, kind: z.literal("massExpiry"), second: z.int() }),
    z.object({ v, kind: z.literal("resync") }),
    /** A notification reported a new row of Graph's audit log. `notifiedAt`: Graph's time when it had arrived. */
    z.object({ v, kind: z.literal("catchUp"), notifiedAt: graphTime }),
    /** The members of this group were read for the first time: subscribe now, without waiting for the next run of `keepSubscriptions`. */
    z.object({ v, kind: z.literal("subscribe"), groupId: guid }),
    /** Ids of subscriptions that Graph sent a lifecycle notification about. */
    z.object({ v, kind: z.literal("keepSubscriptions"), asked: z.array(guid).readonly() }),
    /** Messages that were packed into one: each is to be sent by itself. */
    z.object({ v, kind: z.literal("sendAll"), messages: z.array(z.unknown()).readonly() }),
  ])
  .transform(({ v: _, ...message }) => {
    if (message.kind !== "principal") return message;
    const { kind, ...signal } = message;
    return { kind, signal };
  });

/** Any message of the principals queue. */
type Message = z.infer<typeof messageSchema>;

/** Work for the whole app, requested by a trigger or a pass. */
export type Job = Readonly<Exclude<Message, { readonly kind: "principal" | "massExpiry" }>>;

/** This version does not know the message. Trying again changes nothing: the host moves it to the poison queue. */
export class SignalError extends Error {
  readonly code = "SIGNAL_UNREADABLE";
  override readonly name = "SignalError";
}

/** @throws SignalError that names the invalid field, never its content. */
export function parseMessage(message: unknown): Message {
  const { success, data, error } = messageSchema.safeParse(message);
  if (!success) {
    const places = error.issues.map(({ path, code }) => `${path.join(".") || "message"} (${code})`);
    throw new SignalError(`A message of the principals queue is not of this version: see ${places.join(", ")}.`);
  }
  return data;
}

/** The signal as far as it can be trusted. Anybody may have written a message that is not ours: of its signal only the principal counts. */
export const trusted = (signal: Signal, isOurs: boolean): Signal =>
  isOurs ? signal : { principalId: signal.principalId, because: signal.because, tries: signal.tries };

/** The signal for the next pass of the same principal. */
export const nextSignal = ({ principalId, because }: Signal): Signal => ({
  principalId,
  because: because === "massExpiry" ? "massExpiry" : "timer",
  tries: 0,
});

export const toMessage = (signal: Signal): unknown => ({ v: 2, kind: "principal", ...signal });
export const massExpiryMessage = (second: number): unknown => ({ v: 2, kind: "massExpiry", second });
export const jobMessage = (job: Job): unknown => ({ v: 2, ...job });
