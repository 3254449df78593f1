import { expect, test } from "vitest";
import { announceEnds } from "../../../shared/notify/notice.ts";
import { start } from "../../fixtures/fake-world.ts";
import { createMemoryQueue } from "../../fixtures/memory-storage.ts";
import { aGroup, aMember } from "../../fixtures/person-world.ts";
import { aHolding, aSource, aState, at, isoAt } from "../../fixtures/principal-builders.ts";

const end = at(3600);
const lead = 10 * 60_000;
const held = aHolding({ sources: [aSource({ end: isoAt(3600), listedEnd: isoAt(3600) })] });
const moved = aHolding({ sources: [aSource({ end: isoAt(7200), listedEnd: isoAt(7200) })] });
const noGroup = aGroup();

test.each([
  ["a new end is announced", aState({}), aState({ holdings: [held] }), [end - lead - start]],
  ["an end that moved is announced", aState({ holdings: [moved] }), aState({ holdings: [held] }), [end - lead - start]],
  ["a known end is not announced again", aState({ holdings: [held] }), aState({ holdings: [held] }), []],
  ["an end that comes sooner than that is not", aState({}), aState({ holdings: [aHolding()] }), []],
  [
    "a permanent privilege has none",
    aState({}),
    aState({ holdings: [aHolding({ sources: [aSource({ end: null, listedEnd: null })] })] }),
    [],
  ],
  ["a group's role is announced", noGroup, aGroup({ holdings: [held] }), [end - lead - start]],
  ["a membership is announced", noGroup, aGroup({ members: [aMember()] }), [end - lead - start]],
  ["an ownership is announced", noGroup, aGroup({ members: [aMember({ access: "owner" })] }), [end - lead - start]],
  [
    "a membership whose end moved is announced",
    aGroup({ members: [aMember({ end: isoAt(7200) })] }),
    aGroup({ members: [aMember()] }),
    [end - lead - start],
  ],
  [
    "a known end of a membership is not announced again",
    aGroup({ members: [aMember()] }),
    aGroup({ members: [aMember()] }),
    [],
  ],
  ["a permanent membership has none", noGroup, aGroup({ members: [aMember({ end: null })] }), []],
  [
    "a member who has left has none",
    noGroup,
    aGroup({ members: [aMember({ left: { at: at(0), shownSince: null } })] }),
    [],
  ],
])("%s", async (_, before, after, expected) => {
  const queue = createMemoryQueue({ now: () => start });
  await announceEnds(queue, lead, before, after, start);
  expect(queue.peekAll().map(({ visibleAt }) => visibleAt - start)).toEqual(expected);
  await announceEnds(queue, undefined, before, after, start);
  expect(queue.peekAll()).toHaveLength(expected.length);
});
