import { z } from "zod";
import { type Tells, tellsSchema } from "./tells.ts";

/** "Look at principal P": the message of the principals queue. It is a hint: what is acted upon is what Graph shows of P. */
export interface Signal {
  readonly principalId: string;
  /** `rush`: of whoever cuts a rush, so that the look is not left to a rush again. */
  readonly because: (typeof reasons)[number];
  /** How often in a row Graph could not be read for it. */
  readonly tries: number;
  /** Only of what Graph itself told us: a notification with the right client state, a row that we read from its audit log. */
  readonly tells?: Tells;
  /** Graph's time by when it had been told, epoch milliseconds: who has read the group since then has nothing to do. */
  readonly toldAt?: number;
  /** Sent in case the host dies that waits for a known end: that end, Graph's time, epoch milliseconds. It has no backup of its own. */
  readonly backup?: number;
}

const reasons = ["timer", "resync", "operator", "group", "notification", "audit", "rush"] as const;

const schema = z.object({
  v: z.literal(1),
  principalId: z.guid().toLowerCase(),
  because: z.enum(reasons),
  tries: z.int().nonnegative().default(0),
  tells: tellsSchema.optional(),
  toldAt: z.number().optional(),
  backup: z.number().optional(),
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
    const { principalId, because, tries, tells, toldAt, backup } = result.data;
    return {
      principalId,
      because,
      tries,
      ...(tells === undefined ? {} : { tells }),
      ...(toldAt === undefined ? {} : { toldAt }),
      ...(backup === undefined ? {} : { backup }),
    };
  }
  const places = result.error.issues.map(({ path, code }) => `${path.join(".") || "message"} (${code})`);
  throw new SignalError(`A message in the principals queue is not a signal of this version: see ${places.join(", ")}.`);
}

/** The signal as a hint: of a message that may be anybody's, nothing counts but whom to look at. */
export const asHint = ({ principalId, because, tries }: Signal): Signal => ({ principalId, because, tries });

const rushSchema = z.object({ v: z.literal(1), rush: z.int() });

/** "Cut the rush of this second" (Graph's time, epoch milliseconds): the other message of the principals queue. */
export const rushMessage = (second: number): unknown => ({ v: 1, rush: second });

/** The second of a rush message; null when the message is something else. */
export const parseRush = (message: unknown): number | null => rushSchema.safeParse(message).data?.rush ?? null;

/** The next look at the same principal, by message. */
export const nextSignal = ({ principalId, because }: Signal): Signal => ({
  principalId,
  because: because === "rush" ? "rush" : "timer",
  tries: 0,
});

export const toMessage = (signal: Signal): unknown => ({ v: 1, ...signal });
