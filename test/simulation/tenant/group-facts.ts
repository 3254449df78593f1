import type { SourceFacts } from "../judge/evidence.ts";
import { deniedBy, finite, lastShown, plainlyShown } from "./facts.ts";
import type { Group, Stay } from "./groups.ts";
import { roleId, scopeOf } from "./ids.ts";

/** After the end of a group's role the app may read its members late: who joined until then cannot be distinguished from those who were in it. */
const readsWithin = 10 * 60_000;

/** What a group gave to one of the principals: its role while they were its member, or the membership or ownership for its own sake. */
export function groupFacts(group: Group, principal: number): SourceFacts[] {
  return group.stays
    .filter((stay) => stay.principal === principal)
    .flatMap((stay) => [...roleFacts(group, stay), accessFacts(group, stay)]);
}

function roleFacts({ holding }: Group, stay: Stay): SourceFacts[] {
  if (holding === null || stay.access === "owner") return [];
  const common = {
    role: roleId(holding.role),
    scope: scopeOf(holding.scoped),
    throughGroup: true,
    anonymous: false,
  };
  const roleEnds = holding.plannedEnds.map(({ end }) => end);
  const shownUntil = lastShown(holding);
  if (stay.from >= holding.goneAt - 1000) {
    // Never held. But whoever joined before the app had read the members may be taken for one of those who lost it: after a downtime, days later.
    const around = { from: holding.goneAt - 1000, goneAt: holding.goneAt, firstGoneAt: holding.goneAt };
    const never = { ...common, ...around, forgottenAt: shownUntil + readsWithin, plainlyShown: [], denied: [] };
    const neverHeld = { how: "joined" as const, at: stay.from };
    return [
      {
        ...never,
        neverHeld,
        announcedEnds: roleEnds,
        announcedToHolder: [],
        announcedAt: never.from,
        optional: true,
        what: "joined a group that had just lost it",
      },
    ];
  }
  const from = Math.max(holding.from, stay.from);
  const goneAt = Math.min(holding.goneAt, stay.goneAt);
  if (goneAt <= from) {
    // The group got it after they had left. While nobody has seen them missing for sure, they may be taken for one who lost it.
    if (holding.from - stay.goneAt > readsWithin) return [];
    const never = {
      ...common,
      from: goneAt - 1000,
      goneAt,
      firstGoneAt: goneAt,
      forgottenAt: holding.from + readsWithin,
    };
    const what = "left a group that got it soon afterwards";
    const neverHeld = { how: "left" as const, at: stay.goneAt };
    return [
      {
        ...never,
        neverHeld,
        announcedEnds: [],
        announcedToHolder: [],
        announcedAt: never.from,
        plainlyShown: [],
        denied: [],
        optional: true,
        what,
      },
    ];
  }
  return [
    {
      ...common,
      anonymous: stay.again,
      what: `member of a group that ${stay.goneAt < holding.goneAt ? `holds it, ${stay.kind}` : "loses it"}`,
      optional: false,
      from,
      announcedEnds: [stay.plannedEnd, ...roleEnds].filter((end) => end !== null),
      announcedToHolder: roleEnds,
      announcedAt: from,
      goneAt: finite(goneAt),
      firstGoneAt: finite(goneAt),
      forgottenAt: finite(stay.goneAt < holding.goneAt ? goneAt : Math.max(goneAt, shownUntil)),
      plainlyShown: plainlyShown(holding, { from, to: goneAt }),
      denied: deniedBy(holding.illusions),
      neverHeld: null,
    },
  ];
}

/** The ownership is the privilege itself for an owner, and the membership for a member while the group holds no role. */
function accessFacts(
  { id, holding }: Group,
  { access, from, goneAt, plannedEnd, kind, nested, again }: Stay,
): SourceFacts {
  return {
    role: `${access} of ${id}`,
    scope: "/",
    what: `${access} of a group${holding === null ? "" : " with a role"}, ${nested ? "through another" : kind}`,
    throughGroup: true,
    optional: access === "member" && holding !== null,
    from,
    announcedEnds: plannedEnd === null ? [] : [plannedEnd],
    announcedToHolder: [],
    announcedAt: from,
    goneAt: finite(goneAt),
    firstGoneAt: finite(goneAt),
    forgottenAt: finite(goneAt),
    plainlyShown: [{ from, to: goneAt }],
    denied: [],
    neverHeld: null,
    anonymous: again,
  };
}
