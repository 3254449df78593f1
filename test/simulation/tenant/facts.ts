import type { PrincipalFacts, SourceFacts, Span } from "../judge/evidence.ts";
import { groupFacts } from "./group-facts.ts";
import type { Group } from "./groups.ts";
import type { Holding } from "./holding.ts";
import { roleId, scopeOf } from "./ids.ts";
import type { Principal } from "./model-tenant.ts";

/** What the judge knows of a principal: the truth, free of everything that the app could have thought. */
export function factsOf(principal: Principal, groups: readonly Group[]): PrincipalFacts {
  return {
    id: principal.id,
    kind: principal.script.kind,
    deletedAt: finite(principal.deletedAt),
    missing: principal.missing,
    sources: [
      ...principal.holdings.map((holding) => sourceFacts(holding, principal.holdings)),
      ...groups.flatMap((group) => groupFacts(group, principal.index)),
    ],
    othersRevokedAt: principal.cuts.filter(({ by }) => by === "others").map(({ at }) => at),
  };
}

function sourceFacts(holding: Holding, all: readonly Holding[]): SourceFacts {
  const { kind, how, role, scoped, from, goneAt, plannedEnds, illusions, shown } = holding;
  const ends = plannedEnds.map(({ end }) => end);
  const gone = Object.values(shown)
    .filter((span) => span.from < span.to)
    .map(({ to }) => to);
  return {
    role: roleId(role),
    scope: scopeOf(scoped),
    what: `${kind}, ${Number.isFinite(goneAt) ? how : "stays"}`,
    throughGroup: false,
    optional: false,
    from,
    announcedEnds: ends,
    announcedToHolder: ends,
    announcedAt: Math.max(from, plannedEnds.at(-1)?.since ?? from),
    goneAt: finite(goneAt),
    firstGoneAt: finite(Math.min(goneAt, ...gone)),
    forgottenAt: finite(lastShown(holding)),
    plainlyShown: plainlyShown(holding, { from, to: goneAt }),
    denied: deniedBy(illusions),
    neverHeld: null,
    anonymous: isAnonymous(holding) && all.some((other) => isSame(other, holding) && isBefore(other, holding)),
  };
}

/** A permanent row has the same key each time, and a row of the directory none at all. */
const isAnonymous = ({ kind, shown: { list } }: Holding): boolean => kind === "permanent" || list.from >= list.to;

const isSame = (one: Holding, other: Holding): boolean => one.role === other.role && one.scoped === other.scoped;
const isBefore = (one: Holding, other: Holding): boolean => one !== other && one.from <= other.from;

export const lastShown = ({ goneAt, illusions }: Holding): number =>
  Math.max(goneAt, ...illusions.map(({ what, to }) => (what === "present" ? to : 0)));

export const deniedBy = (illusions: Holding["illusions"]): Span[] =>
  illusions.filter(({ what, view }) => what === "absent" && view === "both").map(({ from, to }) => ({ from, to }));

export function plainlyShown(holding: Holding, within: Span): Span[] {
  const { list, directory } = holding.shown;
  let parts: Span[] = [
    { from: Math.max(within.from, list.from, directory.from), to: Math.min(within.to, list.to, directory.to) },
  ];
  for (const { what, from, to } of holding.illusions) {
    if (what !== "absent") continue;
    parts = parts.flatMap((part) => [
      { from: part.from, to: Math.min(part.to, from) },
      { from: Math.max(part.from, to), to: part.to },
    ]);
  }
  return parts.filter(({ from, to }) => from < to);
}

export const finite = (time: number): number | null => (Number.isFinite(time) ? time : null);
