import type { HoldingFacts, PrincipalFacts, Span } from "../judge/evidence.ts";
import { groupFacts } from "./group-facts.ts";
import type { Group } from "./groups.ts";
import type { Holding } from "./holding.ts";
import { principalId, roleId, scopeOf } from "./ids.ts";
import type { Principal } from "./model-tenant.ts";
import { instanceRow } from "./views.ts";

/** What the judge is told about a principal: the truth, free of everything that the app could have thought. */
export function factsOf(principal: Principal, groups: readonly Group[]): PrincipalFacts {
  const holdings = [
    ...principal.holdings.flatMap((holding, index) => holdingFacts(holding, principal.index, index)),
    ...groups.flatMap((group) => groupFacts(group, principal.index)),
  ];
  const uses = (schedule: string) => holdings.filter((other) => other.schedule === schedule).length;
  return {
    id: principal.id,
    kind: principal.script.kind,
    deletedAt: finite(principal.deletedAt),
    missing: principal.missing,
    holdings: holdings.map((holding) => ({
      ...holding,
      sharesSchedule: holding.sharesSchedule || uses(holding.schedule) > 1,
    })),
    othersRevokedAt: principal.cuts.filter(({ by }) => by === "others").map(({ at }) => at),
  };
}

/** One holding, or two in a row when an extension gave it a new key. */
function holdingFacts(holding: Holding, owner: number, index: number): HoldingFacts[] {
  const privilege = { role: roleId(holding.role), scope: scopeOf(holding.scoped) };
  const denied = holding.illusions.find(({ what, view }) => what === "absent" && view === "both") ?? null;
  const lastShown = Math.max(
    holding.goneAt,
    ...holding.illusions.filter(({ what }) => what === "present").map(({ to }) => to),
  );
  const facts = {
    ...privilege,
    what: `${holding.kind}, ${Number.isFinite(holding.goneAt) ? holding.how : "stays"}`,
    throughGroup: false,
    optional: false,
    denied: denied && { from: denied.from, to: denied.to },
    sharesSchedule: false,
    neverHeld: null,
  };
  const whole = { from: holding.from, to: holding.goneAt };
  const switched = holding.plannedEnds.find(({ key, since }) => key > 0 && since < holding.goneAt)?.since;
  const parts =
    switched === undefined
      ? [{ ...whole, last: true }]
      : [
          { from: whole.from, to: switched, last: false },
          { from: switched, to: whole.to, last: true },
        ];
  return parts.map(({ from, to, last }) => ({
    ...facts,
    schedule: instanceRow(holding, { id: principalId(owner), number: owner }, index, from).roleAssignmentScheduleId,
    from,
    ...announced(holding, last),
    goneAt: finite(to),
    firstGoneAt: last ? finite(Math.min(holding.shown.list.to, holding.shown.directory.to)) : finite(to),
    forgottenAt: last ? finite(lastShown) : finite(to),
    plainlyShown: plainlyShown(holding, { from, to }),
  }));
}

function announced(
  { from, plannedEnds }: Holding,
  last: boolean,
): Pick<HoldingFacts, "announcedEnds" | "toldToHolder" | "announcedAt"> {
  const ends = plannedEnds.slice(0, last ? undefined : 1).map(({ end }) => end);
  const announcedAt = Math.max(from, plannedEnds[ends.length - 1]?.since ?? from);
  return { announcedEnds: ends, toldToHolder: ends, announcedAt };
}

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

const finite = (time: number): number | null => (Number.isFinite(time) ? time : null);
