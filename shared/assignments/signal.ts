import { z } from "zod";

/** "Look at principal P": the message of the principals queue. It is a hint; nothing in it is acted upon but the id. */
export interface Signal {
  readonly principalId: string;
  readonly because: "timer" | "resync" | "operator" | "group";
  /** How often in a row Graph could not be read for it. */
  readonly tries: number;
}

const schema = z.object({
  v: z.literal(1),
  principalId: z.guid().toLowerCase(),
  because: z.enum(["timer", "resync", "operator", "group"]),
  tries: z.int().nonnegative().default(0),
});

/** A queue message that is not a signal. Trying again changes nothing: the host parks it in the poison queue. */
export class SignalError extends Error {
  readonly code = "SIGNAL_UNREADABLE";
  override readonly name = "SignalError";
}

/** @throws SignalError naming the field that is wrong, never its content. */
export function parseSignal(message: unknown): Signal {
  const result = schema.safeParse(message);
  if (result.success) {
    const { principalId, because, tries } = result.data;
    return { principalId, because, tries };
  }
  const places = result.error.issues.map(({ path, code }) => `${path.join(".") || "message"} (${code})`);
  throw new SignalError(`A message in the principals queue is not a signal of this version: see ${places.join(", ")}.`);
}

const rushSchema = z.object({ v: z.literal(1), rush: z.int() });

/** "Cut the rush of this second" (Graph's time, epoch milliseconds): the other message of the principals queue. */
export const rushMessage = (second: number): unknown => ({ v: 1, rush: second });

/** The second of a rush message; null when the message is something else. */
export const parseRush = (message: unknown): number | null => rushSchema.safeParse(message).data?.rush ?? null;

export const toMessage = (signal: Signal): unknown => ({ v: 1, ...signal });
