import { expect, test } from "vitest";
import { nextWake } from "../../../shared/assignments/next-wake.ts";
import { observe } from "../../../shared/assignments/observe.ts";
import type { PrincipalState } from "../../../shared/assignments/principal-state.ts";
import { defaultTimings } from "../../../shared/assignments/timings.ts";
import type { ToldRole } from "../../../shared/assignments/told-end.ts";
import type { PrincipalReading } from "../../../shared/graph/graph.ts";
import { heldBy } from "../../../shared/revocation/held.ts";
import { activation, userAdministrator } from "../../fixtures/fake-world.ts";
import {
  anAnswer,
  aPath,
  aState,
  at,
  aWatch,
  isoAt,
  janesKey,
  oneUnit,
  permanent,
} from "../../fixtures/principal-builders.ts";

/** The audit log tells that the role ended 20 seconds after the start. */
const told: ToldRole = {
  kind: "role",
  key: "audit|1",
  at: at(20),
  foundAt: at(29),
  toldBy: "directory",
  roleDefinitionId: userAdministrator,
  end: "removed",
};
const withTold = (state: PrincipalState): PrincipalState => ({ ...state, head: { ...state.head, told: [told] } });
const look = (state: PrincipalState, shown: Partial<PrincipalReading> = {}, paths = [] as ReturnType<typeof aPath>[]) =>
  observe(withTold(state), { principal: anAnswer(30, shown), paths }, "audit", defaultTimings).state;

test("one absence is enough for what was watched, and it is one end, whose reason is told", () => {
  const { obligations, head } = look(aState({ watches: [aWatch()] }));
  expect([...obligations.values()]).toMatchObject([
    { key: janesKey, end: "removed", cutOff: at(30), threshold: "corroborated" },
  ]);
  expect(head.told).toBeUndefined();
});

test("word of a young assignment waits for its second absence, and then it is one end", () => {
  const young = look(aState({ watches: [aWatch({ firstSeen: at(0), end: isoAt(3600) })] }));
  expect([young.head.told, young.obligations.size]).toEqual([[told], 0]);

  const gone = observe(young, { principal: anAnswer(91), paths: [] }, "timer", defaultTimings).state;
  expect([...gone.obligations.values()]).toMatchObject([{ key: janesKey, end: "removed", threshold: "corroborated" }]);
  expect(gone.head.told).toBeUndefined();
});

test("what is still shown does not end by what was told", () => {
  const { watches } = look(aState({ watches: [aWatch()] }), { instances: [activation()] });
  expect([...watches.keys()]).toEqual([janesKey]);
});

test("the word of a known end that is still shown waits for it, as long as an answer may be old", () => {
  const watch = aWatch({ end: isoAt(19) });
  const shown = { instances: [activation({ endDateTime: isoAt(19) })] };
  const early = look(aState({ watches: [watch] }), shown);
  expect([early.head.told, early.obligations.size]).toEqual([[told], 0]);

  const seen = look(early);
  expect([...seen.obligations.values()]).toMatchObject([{ key: janesKey, threshold: "corroborated" }]);
  expect(seen.head.told).toBeUndefined();

  const late = { principal: anAnswer(21 + defaultTimings.ghostFor / 1000, shown), paths: [] };
  const judged = observe(early, late, "audit", defaultTimings).state;
  expect([...judged.obligations.keys()]).toEqual(["audit|1"]);
  expect(judged.head.told).toBeUndefined();
});

test("what nobody watched is an end of its own", () => {
  const { obligations, head } = look(aState());
  expect([...obligations.values()]).toMatchObject([{ key: "audit|1", audited: true, cutOff: at(20) }]);
  expect(head.told).toBeUndefined();
});

test("an assignment that began after the end is not the one that ended, and its own absence is not told", () => {
  const later = aWatch({ start: isoAt(25), firstSeen: at(26) });
  const { watches, obligations } = look(aState({ watches: [later] }));
  expect([...watches.keys()]).toEqual([janesKey]);
  expect([...obligations.keys()]).toEqual(["audit|1"]);
});

const judged = (state: PrincipalState) => {
  const audited = state.obligations.get("audit|1");
  if (audited === undefined) throw new Error("There is no such obligation.");
  return heldBy(audited, state);
};

test("is held another way by an assignment for the whole directory, once that cannot be the one that ended any more", () => {
  const shown = { instances: [permanent()] };
  const early = look(aState(), shown);
  expect([early.head.told, early.obligations.size]).toEqual([[told], 0]);
  expect(nextWake(early, at(30), defaultTimings)).toBe(at(321));
  const late = { principal: anAnswer(321, shown), paths: [] };
  expect(judged(observe(early, late, "audit", defaultTimings).state)).toBe("heldAnotherWay");
});

test("is not held by an assignment in one unit: which scope ended was not told", () => {
  const row = permanent({ ...oneUnit });
  expect(judged(look(aState(), { instances: [row] }))).toBeNull();
});

test.each([{ directoryScopeId: "/" }, { directoryScopeId: oneUnit.directoryScopeId }])(
  "is superseded by an activation that began later, at $directoryScopeId",
  (scope) => {
    const row = activation({ startDateTime: isoAt(25), ...scope });
    expect(judged(look(aState(), { instances: [row] }))).toBe("superseded");
  },
);

test("is not superseded by an activation in one unit that began before it, whenever we saw that first", () => {
  const row = activation({ startDateTime: isoAt(10), ...oneUnit });
  expect(judged(look(aState(), { instances: [row] }))).toBeNull();
});

test("asks for the groups through which the role may be held, and is held by one", () => {
  const before = withTold(aState());
  const answer = anAnswer(30, {});
  const { needsPaths } = observe(before, { principal: answer, paths: null }, "audit", defaultTimings);
  expect(needsPaths).toEqual([userAdministrator]);
  expect(judged(look(aState(), {}, [aPath()]))).toBe("heldAnotherWay");
});

test("of a group it leaves a tombstone, because the obligation is passed on", () => {
  const { tombstones } = look(aState({ head: { kind: "group" } }), { user: null });
  expect(tombstones.get("audit|1")).toMatchObject({ endedAt: at(20), roleDefinitionId: userAdministrator });
});
