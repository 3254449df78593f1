import type { Obligation, Outcome } from "../model/pending-revocation.ts";

/** Unplanned ends of one user in an hour that nothing corroborates; whoever has more is probably not losing roles. */
export const unplannedPerUser = 3;

/** The outcomes of ends that called for a cut. For the others nobody is ever signed out. */
const cutting: readonly Outcome[] = ["revoked", "alreadySatisfied", "reportOnly", "failed"];

const mayCut = ({ progress }: Obligation): boolean => progress.state !== "closed" || cutting.includes(progress.outcome);

/** The unplanned ends of a user's last `span` milliseconds that led or may lead to a cut and that Graph's audit log has not corroborated, oldest first. Pure. */
export const unplannedEnds = (obligations: Iterable<Obligation>, date: number, span: number): readonly Obligation[] =>
  [...obligations]
    .filter(mayCut)
    .filter(({ planned, threshold, foundAt }) => !planned && threshold !== "corroborated" && date - foundAt < span)
    .toSorted((a, b) => a.foundAt - b.foundAt || (a.key < b.key ? -1 : 1));

/** Those among them that are too many. Planned and corroborated ends never are: ending minor roles must not shield a major one. */
export const tooManyEnds = (obligations: Iterable<Obligation>, date: number, span: number): ReadonlySet<string> =>
  new Set(
    unplannedEnds(obligations, date, span)
      .slice(unplannedPerUser)
      .map(({ key }) => key),
  );
