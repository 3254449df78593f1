import type { Obligation } from "../model/pending-revocation.ts";

/** Why a wait is on that only an operator or Graph's audit log ends, as it stands in an obligation: the threshold's, and that of its age. */
export const heldByThreshold = "threshold";
export const heldForReview = "review";

export const isHeld = ({ threshold, progress }: Pick<Obligation, "threshold" | "progress">): boolean =>
  threshold === "held" && progress.state === "pending";

export const isInReview = ({ progress }: Pick<Obligation, "progress">): boolean =>
  progress.state === "pending" && progress.heldBy === heldForReview;
