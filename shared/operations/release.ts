import type { ThresholdMark } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { orderAll, orderEach } from "../operators/order-principals.ts";
import type { OperationDependencies } from "../operators/orders.ts";
import { isHeld, isInReview } from "../revocation/holds.ts";
import { approve } from "../revocation/review.ts";
import { markThreshold } from "../revocation/threshold-mark.ts";

/**
 * Releases what the revocation threshold holds right now, and what is so old that it waits for an operator, of one user or of all, and sends a
 * signal for each user. What comes later is held anew. Whose rows this version cannot read is raised and left as it is. Returns the number of users.
 * @throws the errors of storage: some may be released, repeating it releases the rest.
 */
export function release(
  only: string | undefined,
  operationId: string,
  dependencies: OperationDependencies,
): Promise<number> {
  const order = (state: PrincipalState): PrincipalState => {
    const obligations = [...state.obligations.values()];
    const held = obligations.filter(isHeld);
    if (held.length === 0 && !obligations.some(isInReview)) return state;
    const marks = new Map(held.map(({ key }): [string, ThresholdMark] => [key, "released"]));
    return markThreshold(
      approve(state, operationId, (obligation) => isHeld(obligation) || isInReview(obligation)),
      marks,
    );
  };
  return only === undefined
    ? orderAll((head) => head.held !== undefined || head.inReview !== undefined, order, dependencies)
    : orderEach([only], order, dependencies);
}
