import { type Obligation, pending } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { isInReview } from "./holds.ts";
import type { Resumption } from "./posture.ts";
import { summarize } from "./summarize.ts";

/** What ended longer than this before revoking began again waits for an operator; milliseconds. */
export const reviewAfter = 3_600_000;

/** An unplanned end found this soon after the app was off may be as old as that; milliseconds. */
const foundLate = 10 * 60_000;

export interface Review {
  /** When revoking began again, and after what; null when it was never interrupted. */
  readonly resumption: Resumption | null;
  /** Graph's and storage's time of the same moment, epoch milliseconds. */
  readonly date: number;
  readonly storageTime: number;
}

/** Whether this end waited so long while the app was not to revoke that only an operator may let it be carried out. Pure. */
export function needsReview(obligation: Obligation, { resumption, date, storageTime }: Review): boolean {
  if (resumption === null || obligation.approved !== undefined) return false;
  const toGraph = (time: number) => time + date - storageTime;
  const began = toGraph(resumption.at);
  const { planned, lastHeld, cutOff } = obligation;
  const unseen = resumption.from === "off" && !planned && cutOff >= began - foundLate && cutOff < began + foundLate;
  return (unseen ? toGraph(resumption.since) : lastHeld) < began - reviewAfter;
}

/** The state with all that is pending and `wanted` approved by an operator's order, to be tried at once. Pure. */
export function approve(
  state: PrincipalState,
  operationId: string,
  wanted: (obligation: Obligation) => boolean,
): PrincipalState {
  const obligations = new Map(
    [...state.obligations].map(([key, obligation]): [string, Obligation] => {
      if (obligation.progress.state !== "pending" || !wanted(obligation)) return [key, obligation];
      const progress = isInReview(obligation) ? pending : obligation.progress;
      return [key, { ...obligation, approved: operationId, progress }];
    }),
  );
  return { ...state, obligations, head: summarize(state.head, obligations) };
}
