import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import type { DerivedKeys } from "../secrets/derive-key.ts";
import { preparedKey } from "../secrets/prepared-key.ts";
import type { Queue } from "./queue-parts.ts";

/**
 * The seal of queue messages. Most messages are hints and need none. But one that tells what Graph told us (an authenticated notification, a
 * row of the audit log) must come from us: whoever can write to the queue could otherwise forge it.
 */
export interface MessageSeal {
  /** The queue with a seal on everything that is sent. */
  sealed(queue: Queue): Queue;
  /** Whether we sent this message to this queue, lately. */
  isOurs(message: unknown): boolean;
}

/** How long a message counts after it should have arrived, by the clocks of our instances, milliseconds. */
const countsFor = 3_600_000;

const sealedMessage = z.looseObject({ seal: z.string().regex(/^\d{1,16}\.[A-Za-z0-9_-]{43}$/) });

/** @param name of the queue: a message of one queue is none of another. */
export function createMessageSeal(name: string, keys: DerivedKeys, clock: Pick<Clock, "now">): MessageSeal {
  const macOf = (message: object, at: number, key: Buffer) =>
    createHmac("sha256", preparedKey(key))
      .update(`${JSON.stringify(["pim-cutoff message", 1, name, at])}\n${JSON.stringify(message)}`)
      .digest();
  return {
    sealed: (queue) => ({
      async send(message, delay) {
        if (typeof message !== "object" || message === null) throw new TypeError("A sealed message is an object.");
        const at = Math.round(clock.now() + Math.max(0, delay));
        await queue.send(
          { ...message, seal: `${at}.${macOf(message, at, keys.current).toString("base64url")}` },
          delay,
        );
      },
    }),
    isOurs(stored) {
      const { data } = sealedMessage.safeParse(stored);
      if (data === undefined) return false;
      const { seal, ...message } = data;
      const [time, mac] = seal.split(".");
      const at = Number(time);
      const found = Buffer.from(mac ?? "", "base64url");
      const isBy = (key: Buffer | null) => key !== null && timingSafeEqual(found, macOf(message, at, key));
      return Math.abs(clock.now() - at) < countsFor && (isBy(keys.current) || isBy(keys.previous));
    },
  };
}
