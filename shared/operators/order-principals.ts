import { sideBySide } from "../base/side-by-side.ts";
import { approve, markThreshold } from "../enforcement/settle.ts";
import type { LoadedPrincipal } from "../model/load-and-commit.ts";
import { isHeld, isInReview, type ThresholdMark } from "../model/pending-revocation.ts";
import type { Head, PrincipalState } from "../model/principal.ts";
import { resendNotices } from "../notify/undelivered.ts";
import { changePrincipal } from "../reconcile/finish-pass.ts";
import { readHeads } from "../reconcile/heads.ts";
import { toMessage } from "../reconcile/messages.ts";
import { whereReadable } from "../storage/table.ts";
import { listPending, loadDeadLetters, type OperationDependencies, type Pending, removeDeadLetter } from "./pending.ts";

/** An operator's order about one principal. Returns the new state, or the same object when nothing changes. Pure. */
type Order = (state: PrincipalState) => PrincipalState;

/** Carries out an order for every principal whose head is `wanted`. See `orderEach`. */
async function orderAll(
  wanted: (head: Pick<Head, "held" | "inReview" | "openSince">) => boolean,
  order: Order,
  dependencies: OperationDependencies,
): Promise<number> {
  const heads = await readHeads(dependencies);
  const principalIds = [...heads].flatMap(([id, head]) => (head !== null && wanted(head) ? [id] : []));
  return orderEach(principalIds, order, dependencies);
}

/**
 * Commits an order for each of these principals, and sends a signal for each principal that it changed. A principal whose rows this version
 * cannot read raises an alarm and is left as it is. Returns the number of changed principals.
 * @throws the errors of storage: the order may be carried out in part; repeating it does the rest.
 */
async function orderEach(
  principalIds: readonly string[],
  order: Order,
  dependencies: OperationDependencies,
): Promise<number> {
  let changed = 0;
  await sideBySide(principalIds, async (principalId) => {
    if (await orderOne(principalId, order, dependencies)) changed += 1;
  });
  return changed;
}

async function orderOne(principalId: string, order: Order, dependencies: OperationDependencies): Promise<boolean> {
  const { signals, telemetry } = dependencies;
  let isChanged = false;
  const change = ({ state }: LoadedPrincipal): PrincipalState => {
    const next = order(state);
    isChanged = next !== state;
    return next;
  };
  const commit = () => changePrincipal(principalId, change, dependencies);
  if ((await whereReadable({ principalId }, telemetry, commit)) === undefined || !isChanged) return false;
  await signals.send(toMessage({ principalId, because: "operator", tries: 0 }), 0);
  return true;
}

/**
 * Releases revocations, of one user or of all, that the threshold holds now or that are so old that they wait for an operator; sends a signal for each
 * user. Later revocations are held again. Rows that this version cannot read raise an alarm and are left as they are. Returns the number of users.
 * @throws the errors of storage: some may be released; repeating it releases the rest.
 */
export function release(
  only: string | undefined,
  operationId: string,
  dependencies: OperationDependencies,
): Promise<number> {
  const order = (state: PrincipalState): PrincipalState => {
    const revocations = [...state.revocations.values()];
    const held = revocations.filter(isHeld);
    if (held.length === 0 && !revocations.some(isInReview)) return state;
    const marks = new Map(held.map(({ key }): [string, ThresholdMark] => [key, "released"]));
    return markThreshold(
      approve(state, operationId, (revocation) => isHeld(revocation) || isInReview(revocation)),
      marks,
    );
  };
  return only === undefined
    ? orderAll((head) => head.held !== undefined || head.inReview !== undefined, order, dependencies)
    : orderEach([only], order, dependencies);
}

type Resumed =
  /**
   * `unseen`: nothing was done, since the operator must first see the pending revocations and decide about them. `stoppedAnew`: another stop was
   * ordered meanwhile, and stays in force.
   */
  | { readonly resumed: false; readonly because: "unseen" | "stoppedAnew"; readonly pending: Pending }
  | { readonly resumed: true; readonly principals: number };

/**
 * Lifts the emergency stop and sends a signal for each principal who waited, but only after the operator has seen the pending revocations and
 * decided whether those of ends more than an hour ago are carried out, too.
 * @throws the errors of storage: the order may be carried out in part; repeating it does the rest.
 */
export async function resume(
  carryOutPending: boolean | undefined,
  { operationId, orderedAt }: { readonly operationId: string; readonly orderedAt: number },
  dependencies: OperationDependencies,
): Promise<Resumed> {
  // Read first: this order must not lift a stop that is ordered later.
  const lift = await dependencies.control.prepareLift(orderedAt);
  if (carryOutPending === undefined) {
    const pending = await listPending(dependencies);
    if (pending.principals.length + pending.more > 0) return { resumed: false, because: "unseen", pending };
  }
  // Approved before the stop is lifted. Otherwise old revocations would be held, and their next pass would come minutes later.
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

interface Redriven {
  /** Signals that were sent again. */
  readonly principals: number;
  /** Dead letters without a principal: they are removed, and no signal is sent. */
  readonly discarded: number;
  /** Outcomes that are sent to the webhook again; only when everything is redriven. */
  readonly notices: number;
  /** Parked rows that another version wrote: they stay, and only that version can send them again. */
  readonly unreadable: number;
}

/**
 * Sends the signals of one or all dead letters again, and then removes their rows. In this order a crash sends a signal twice, but loses none.
 * A message that fails again is parked again. @throws the errors of storage
 */
export async function redrive(
  messageId: string | undefined,
  { state, signals, notices }: OperationDependencies,
): Promise<Redriven> {
  const { parked, unreadable } = await loadDeadLetters(state);
  const wanted = parked.filter(({ letter }) => messageId === undefined || letter.messageId === messageId);
  await sideBySide(wanted, async (found) => {
    const { principalId } = found.letter;
    if (principalId !== null) await signals.send(toMessage({ principalId, because: "operator", tries: 0 }), 0);
    await removeDeadLetter(state, found);
  });
  const discarded = wanted.filter(({ letter }) => letter.principalId === null).length;
  const resent =
    messageId === undefined && notices !== undefined
      ? await resendNotices(state, notices)
      : { notices: 0, unreadable: 0 };
  return {
    principals: wanted.length - discarded,
    discarded,
    notices: resent.notices,
    unreadable: unreadable + resent.unreadable,
  };
}
