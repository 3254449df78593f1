import fc from "fast-check";
import { histories } from "../histories.ts";
import type { History } from "../history.ts";
import { inOneUnit, recorded, unscoped } from "./audit-log.ts";
import { consecutive, overlapping, permanentAgain, wideAndNarrow } from "./ends.ts";
import { backIntoGroup, listedMembers, missingTwice, nestedGroups } from "./groups.ts";
import { afterglow, denied, extendedUnseen, outsidePim } from "./lags.ts";
import { onlyWithGroups, type Press, pressed, withoutGroups } from "./pressed.ts";
import { deniedAroundOutage, lostMessages, outages, services, staleBesideGroup, uncertainCalls } from "./troubles.ts";

/** All kinds, each as often as it is worth. */
export const mixed = "mixed";

interface Kind {
  /** How often it is played among all; 0: only by name, for a mutation that the others hardly press on. */
  readonly weight: number;
  readonly histories: fc.Arbitrary<History>;
}

const own = withoutGroups(histories);
const ofOwn = (...presses: readonly Press[]): Kind => ({
  weight: 1,
  histories: presses.reduce((of, press) => pressed(press, of), own),
});
const hasRole = ({ groups }: History): boolean => groups.some(({ role }) => role !== null);
const kind = (of: fc.Arbitrary<History>, weight = 1): Kind => ({ weight, histories: of });

/** Kinds of histories by name: each presses where an app was found to break. */
export const kinds: Readonly<Record<string, Kind>> = {
  plain: kind(histories, 6),
  groups: kind(onlyWithGroups(histories), 2),
  groupsOverlapping: kind(onlyWithGroups(pressed(overlapping)), 2),
  listedMembers: kind(listedMembers(histories.filter(hasRole))),
  nestedGroups: kind(nestedGroups(onlyWithGroups(histories))),
  backIntoGroup: kind(backIntoGroup(onlyWithGroups(histories))),
  missingTwice: kind(missingTwice(own)),
  overlapping: ofOwn(overlapping),
  wideAndNarrow: ofOwn(wideAndNarrow),
  consecutive: ofOwn(consecutive),
  permanentAgain: ofOwn(permanentAgain),
  extendedUnseen: ofOwn(extendedUnseen),
  denied: ofOwn(denied),
  deniedAroundOutage: kind(deniedAroundOutage(own)),
  afterglow: ofOwn(afterglow),
  overlappingAfterglow: ofOwn(overlapping, afterglow),
  permanentAfterglow: ofOwn(permanentAgain, afterglow),
  outsidePim: ofOwn(outsidePim),
  outsideOverlapping: ofOwn(overlapping, outsidePim, denied),
  outages: kind(outages(ofOwn(overlapping).histories)),
  uncertainCalls: kind(uncertainCalls(ofOwn(consecutive).histories)),
  lostMessages: kind(lostMessages(own), 0),
  staleBesideGroup: kind(staleBesideGroup(histories.filter(hasRole)), 0),
  services: kind(services(histories)),
  recorded: kind(recorded(unscoped(own)), 2),
  recordedScoped: kind(recorded(own)),
  recordedInOneUnit: kind(recorded(inOneUnit(ofOwn(overlapping).histories))),
  recordedGroups: kind(recorded(onlyWithGroups(histories)), 2),
  recordedOverlapping: kind(recorded(unscoped(ofOwn(overlapping).histories))),
  recordedConsecutive: kind(recorded(unscoped(ofOwn(consecutive).histories))),
};

const everyKind = fc.oneof(...Object.values(kinds).map(({ weight, histories: arbitrary }) => ({ weight, arbitrary })));

/** @throws when there is no such kind. */
export function kindOf(name: string): fc.Arbitrary<History> {
  if (name === mixed) return everyKind;
  const found = kinds[name];
  if (found === undefined)
    throw new Error(`There is no kind "${name}" of histories: ${Object.keys(kinds).join(", ")}.`);
  return found.histories;
}
