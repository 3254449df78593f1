import { type Errand, errandMessage } from "../reconcile/messages.ts";
import type { Queue } from "../storage/queue-parts.ts";
import { unpackMessages } from "./unpack-messages.ts";

/** Milliseconds after which somebody asks again who found another instance keeping the subscriptions. */
const askAgainAfter = 5000;

/** What errands are run with: each is another part's work. */
export interface ErrandWork {
  readonly resync: () => Promise<void>;
  /** Reads on in Graph's audit log; milliseconds until it is this errand's turn again, null when it is done. */
  readonly catchUp: (toldAt: number) => Promise<number | null>;
  /** Both resolve to false while another instance keeps the subscriptions. */
  readonly subscribe: (groupId: string) => Promise<boolean>;
  readonly keepSubscriptions: (asked: ReadonlySet<string>) => Promise<boolean>;
  readonly signals: Queue;
}

/**
 * Does what somebody outside asked for; what cannot be done yet goes back to the queue.
 * @param isOurs the message bears our seal
 */
export async function runErrand(errand: Errand, isOurs: boolean, work: ErrandWork): Promise<void> {
  const { signals } = work;
  const again = (wait: number) => signals.send(errandMessage(errand), wait);
  switch (errand.kind) {
    case "resync":
      return work.resync();
    case "catchUp": {
      const wait = await work.catchUp(errand.toldAt);
      return wait === null ? undefined : again(wait);
    }
    case "sendAll":
      await Promise.all(unpackMessages(errand.messages, isOurs).map((message) => signals.send(message, 0)));
      return;
    case "subscribe":
      return (await work.subscribe(errand.groupId)) ? undefined : again(askAgainAfter);
    case "keepSubscriptions":
      return (await work.keepSubscriptions(new Set(errand.asked))) ? undefined : again(askAgainAfter);
  }
}
