import type { Evidence, PrincipalFacts, SourceFacts, Span } from "./evidence.ts";
import { fanOutBound, minute, newsDelayOf, second, staleView } from "./limits.ts";
import { endOf, forgottenBy, type Loss, stretchBefore } from "./truth.ts";

/** Groups are searched for every five minutes, and their members read after that. */
const groupsFoundWithin = 6 * minute;
/** For so long a source is new, and its end needs a second answer that much later. */
const newFor = 5 * minute;
const newSource = 61 * second;

/** Whether any working app had to have seen this source: it was plainly shown for long enough in a quiet time. */
export function surelyKnown(evidence: Evidence, source: SourceFacts, until: number): boolean {
  if (source.throughGroup && !evidence.policy.watchGroups) return false;
  const needed =
    2 * evidence.resyncEvery +
    30 * second +
    (source.anonymous ? staleView + minute : 0) +
    (source.throughGroup ? groupsFoundWithin : 0);
  return source.plainlyShown
    .flatMap((span) => quietParts(evidence, { from: Math.max(span.from, evidence.from), to: Math.min(span.to, until) }))
    .some(({ from, to }) => to - from >= needed);
}

/** Whether any working app had to see this loss: the privilege was known, and it was lost for long enough. */
export function mustBeSeen(evidence: Evidence, principal: PrincipalFacts, loss: Loss): boolean {
  const { at, until } = loss;
  const forgotten = forgottenBy(principal, loss);
  // What some view still shows when the history ends is too young to be settled.
  if (at < evidence.from || forgotten > evidence.judgedUntil) return false;
  const stretch = knownStretch(principal, loss);
  if (!stretch.some((source) => surelyKnown(evidence, source, at))) return false;
  if (until === Number.POSITIVE_INFINITY) return true;
  const isNew = stretch.some(({ from }) => from > at - newFor - minute);
  const needed =
    2 * evidence.resyncEvery + minute + (isNew ? newSource : 0) + (loss.source.throughGroup ? fanOutBound : 0);
  return quietParts(evidence, { from: forgotten, to: until }).some(({ from, to }) => to - from > needed);
}

/**
 * What the app must know to have given the privilege until it was lost. Where the next one was too new to be known when one ended, there may have
 * seemed to be a gap.
 */
function knownStretch(principal: PrincipalFacts, loss: Loss): SourceFacts[] {
  // Of a service principal nobody asks for the groups: what they give on is a privilege found apart.
  const isApart = ({ throughGroup }: SourceFacts) =>
    principal.kind === "servicePrincipal" && throughGroup !== loss.source.throughGroup;
  const stretch = stretchBefore(principal, loss).filter((source) => !source.optional && !isApart(source));
  let from = loss.at;
  for (const source of stretch.toSorted((one, other) => endOf(other) - endOf(one))) {
    if (endOf(source) < from) break;
    from = Math.min(from, source.from + newsDelayOf(source));
  }
  return stretch.filter((source) => endOf(source) >= from);
}

/** From `start` on, when the first `needed` milliseconds without any disturbance begin. */
export const calmAfter = ({ disturbances }: Evidence, start: number, needed: number): number =>
  disturbances
    .toSorted((one, other) => one.from - other.from)
    .reduce((time, { from, to }) => (from < time + needed ? Math.max(time, to) : time), start);

/** A downtime counts as a disturbance for that much longer, until hidden messages are back. */
const afterDowntime = 11 * minute;

/** Whether nobody could see anything of that span, since no instance ran. */
export const isUnseen = ({ disturbances }: Evidence, span: Span): boolean =>
  disturbances.some(({ what, from, to }) => what === "downtime" && from <= span.from && span.to <= to - afterDowntime);

/** The parts of a span without disturbances. */
function quietParts(evidence: Evidence, span: Span): Span[] {
  let parts: Span[] = [span];
  for (const disturbance of evidence.disturbances) {
    parts = parts.flatMap((part) => [
      { from: part.from, to: Math.min(part.to, disturbance.from) },
      { from: Math.max(part.from, disturbance.to), to: part.to },
    ]);
    parts = parts.filter(({ from, to }) => from < to);
  }
  return parts;
}

export const isQuiet = (evidence: Evidence, from: number, to: number): boolean =>
  evidence.disturbances.every((disturbance) => disturbance.to < from || disturbance.from > to);
