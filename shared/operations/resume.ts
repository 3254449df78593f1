import { orderAll } from "../operators/order-principals.ts";
import type { OperationDependencies } from "../operators/orders.ts";
import { listPending, type Pending } from "../operators/pending.ts";
import { toMessage } from "../reconcile/messages.ts";
import { readHeads } from "../reconcile/resync.ts";
import { approve } from "../revocation/review.ts";
import { sideBySide } from "./side-by-side.ts";

export type Resumed =
  /**
   * `unseen`: nothing was done, since the operator must see first what is pending, and say what becomes of it. `stoppedAnew`: somebody ordered a
   * stop meanwhile, and it stays.
   */
  | { readonly resumed: false; readonly because: "unseen" | "stoppedAnew"; readonly pending: Pending }
  | { readonly resumed: true; readonly principals: number };

/**
 * Lifts the emergency stop and sends a signal for everybody who has waited; but not before the operator has seen what is pending and said
 * whether what ended more than an hour ago is to be carried out, too.
 * @throws the errors of storage: it may be done in part, repeating it does the rest.
 */
export async function resume(
  carryOutPending: boolean | undefined,
  { operationId, orderedAt }: { readonly operationId: string; readonly orderedAt: number },
  dependencies: OperationDependencies,
): Promise<Resumed> {
  // As it is before anything else is done: a stop that comes later is not the one that the operator resumes from.
  const lift = await dependencies.control.prepareLift(orderedAt);
  if (carryOutPending === undefined) {
    const pending = await listPending(dependencies);
    if (pending.principals.length + pending.more > 0) return { resumed: false, because: "unseen", pending };
  }
  // Before the stop is lifted: else what is old would be held, and nobody would look at it again for minutes.
  if (carryOutPending === true) await orderAll(isWaiting, (state) => approve(state, operationId, isAny), dependencies);
  if (!(await lift())) return { resumed: false, because: "stoppedAnew", pending: await listPending(dependencies) };
  const heads = await readHeads(dependencies);
  const waiting = [...heads].flatMap(([id, head]) => (head !== null && isWaiting(head) ? [id] : []));
  await sideBySide(waiting, (principalId) =>
    dependencies.signals.send(toMessage({ principalId, because: "operator", tries: 0 }), 0),
  );
  return { resumed: true, principals: waiting.length };
}

const isWaiting = ({ openSince }: { readonly openSince: number | null }): boolean => openSince !== null;

const isAny = (): boolean => true;
