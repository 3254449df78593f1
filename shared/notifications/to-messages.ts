import { z } from "zod";
import { errandMessage, type Signal, toMessage } from "../reconcile/messages.ts";
import { readInstanceId } from "../signals/instance-id.ts";
import type { Told } from "../signals/signal-writer.ts";
import type { Authentic } from "./authenticate.ts";
import type { ChangeNotification, LifecycleNotification } from "./read-delivery.ts";

/** A message; only if we know its principal, when its id comes out of the notification. */
export interface Hint extends Told {
  readonly ifKnown?: string;
}

const guid = z.guid().toLowerCase();

/** What follows from a notification that is authentic. `toldAt`: Graph's time by when it had arrived. Pure. */
export function toSignals({ item, subscription }: Authentic<ChangeNotification>, toldAt: number): readonly Hint[] {
  const { source, groupId } = subscription;
  // The row is read, not believed.
  if (source === "directoryAudits") return [catchUp(toldAt), resync];
  if (source === "roleAssignmentScheduleInstances") return [...instanceHints(item), resync];
  if (groupId !== null) return [groupHint(groupId, item, toldAt)];
  const changed = guid.safeParse(item.changedId).data;
  return changed === undefined ? [] : [{ ...groupHint(changed, item, toldAt), ifKnown: changed }];
}

/** What follows from a lifecycle notification that is authentic (Graph docs: change notifications lifecycle events). Pure. */
export function toErrands({ item, subscription }: Authentic<LifecycleNotification>): readonly Hint[] {
  const { groupId } = subscription;
  const lookAgain = groupId === null ? [] : [hint({ principalId: groupId, because: "notification", tries: 0 })];
  const asked = [item.subscriptionId];
  const keep = { key: `keep ${item.subscriptionId}`, message: errandMessage({ kind: "keepSubscriptions", asked }) };
  switch (item.lifecycleEvent) {
    case "reauthorizationRequired":
      return [keep];
    case "subscriptionRemoved":
      return [keep, ...lookAgain, resync];
    case "missed":
      return [...lookAgain, resync];
    default:
      return [];
  }
}

const resync: Hint = { key: "resync", message: errandMessage({ kind: "resync" }) };
const catchUp = (toldAt: number): Hint => ({ key: "catchUp", message: errandMessage({ kind: "catchUp", toldAt }) });

/** Where the payload says who changed, and nobody left, it tells of no end. */
function groupHint(groupId: string, { removed }: ChangeNotification, toldAt: number): Hint {
  return hint({
    principalId: groupId,
    because: "notification",
    tries: 0,
    toldAt,
    ...(removed === false ? {} : { confirms: groupId }),
  });
}

function instanceHints({ changedId }: ChangeNotification): readonly Hint[] {
  const instance = changedId === null ? null : readInstanceId(changedId);
  if (instance === null) return [];
  const { principalId } = instance;
  return [{ ...hint({ principalId, because: "notification", tries: 0 }), ifKnown: principalId }];
}

const hint = (signal: Signal): Hint => ({
  key: JSON.stringify([signal.principalId, signal.confirms ?? null]),
  message: toMessage(signal),
});
