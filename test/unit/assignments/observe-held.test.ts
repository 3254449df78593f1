import { describe, expect, test } from "vitest";
import { observe } from "../../../shared/assignments/observe.ts";
import type { PrincipalState } from "../../../shared/assignments/principal-state.ts";
import { defaultTimings } from "../../../shared/assignments/timings.ts";
import type { GroupPath, PrincipalReading } from "../../../shared/graph/graph.ts";
import { activation, directoryRow } from "../../fixtures/fake-world.ts";
import {
  anAnswer,
  anObligation,
  aPath,
  aState,
  at,
  aWatch,
  isoAt,
  janesKey,
  oneUnit,
  permanent,
} from "../../fixtures/principal-builders.ts";

/** One answer, `seconds` after the start, with the group paths read. */
const look = (
  state: PrincipalState,
  seconds: number,
  shown: Partial<PrincipalReading> = {},
  paths: readonly GroupPath[] | null = [],
) => observe(state, { principal: anAnswer(seconds, shown), paths }, "timer", defaultTimings);

const watching = aState({ watches: [aWatch()] });
const active = { instances: [activation()] };
const keysOf = (state: PrincipalState) => ({
  watches: [...state.watches.keys()],
  tombstones: [...state.tombstones.keys()],
  obligations: [...state.obligations.keys()],
});

describe("group paths", () => {
  test("are asked for before an end is judged, and nothing changes until they are read", () => {
    const asked = look(watching, 62, {}, null);
    expect(asked).toEqual({ state: watching, needsPaths: [activation().roleDefinitionId], overdue: [] });
  });

  test("are asked for though the role was activated anew: a group may have held it throughout", () => {
    const again = activation({ roleAssignmentScheduleId: "again", startDateTime: isoAt(61), endDateTime: isoAt(3600) });
    const shown = { instances: [again], directory: [directoryRow(again)] };
    const seen = aState({ watches: [aWatch({ seenToEnd: true })] });
    expect(look(seen, 70, shown, null).needsPaths).toEqual([again.roleDefinitionId]);
    const { watches } = look(seen, 70, shown, [aPath()]).state;
    expect([...watches.values()].map(({ source }) => source)).toEqual(["schedule", "groupPath"]);
  });

  test("are not asked for when nothing ends", () => {
    expect(look(watching, 30, active, null).needsPaths).toEqual([]);
  });

  test("that cover the role are watched in the very commit of the end", () => {
    const { state } = look(watching, 62, {}, [aPath()]);
    expect(keysOf(state).obligations).toEqual([janesKey]);
    expect([...state.watches.values()]).toMatchObject([{ source: "groupPath", groupId: aPath().groupId }]);
  });

  test("that end later are obligations of their own", () => {
    const held = look(watching, 62, {}, [aPath()]).state;
    expect(look(held, 122, {}, null).needsPaths).toEqual([activation().roleDefinitionId]);
    const stillThere = look(held, 122, {}, [aPath()]).state;
    expect([...stillThere.watches.values()]).toMatchObject([{ absence: null }]);
    const left = look(look(stillThere, 182).state, 243).state;
    expect(left.watches.size).toBe(0);
    expect([...left.obligations.values()].at(-1)).toMatchObject({ cutOff: at(182), planned: false });
    expect(left.tombstones.size).toBe(1);
  });

  test("stay as they are while the user is not found: their groups cannot be read", () => {
    const held = look(watching, 62, {}, [aPath()]).state;
    const { state, needsPaths } = look(held, 122, { user: null }, null);
    expect(needsPaths).toEqual([]);
    expect([...state.watches.values()]).toMatchObject([{ absence: null }]);
  });

  test("end with the user: after a minute of 404s there is nobody whose groups could be read", () => {
    const held = look(watching, 62, {}, [aPath()]).state;
    const unfound = [122, 182, 185].reduce((state, seconds) => look(state, seconds, { user: null }, null).state, held);
    expect(unfound.watches.size).toBe(1);
    expect(look(unfound, 190, { user: null }, null).state.watches.size).toBe(1);
    const gone = look(unfound, 250, { user: null }, null).state;
    expect(gone.watches.size).toBe(0);
    expect([...gone.obligations.values()].at(-1)).toMatchObject({ cutOff: at(185) });
    expect(look(unfound, 190).state.head).not.toHaveProperty("missingSince");
  });

  test("are dated by their own answer, which is given after the principal's", () => {
    const held = look(watching, 62, {}, [aPath()]).state;
    const principal = anAnswer(400);
    const left = observe(held, { principal, paths: [], pathsDate: at(409) }, "timer", defaultTimings).state;
    expect([...left.watches.values()]).toMatchObject([{ absence: { since: at(409) } }]);
  });

  test("are read again for an end that is still to be carried out: nothing is lost while a group holds it", () => {
    const waiting = aState({ obligations: [anObligation()] });
    expect(look(waiting, 70, {}, null).needsPaths).toEqual([activation().roleDefinitionId]);
    expect([...look(waiting, 70, {}, [aPath()]).state.watches.values()]).toMatchObject([{ source: "groupPath" }]);
  });
});

describe("a directory row that nothing explains", () => {
  const only = { directory: [directoryRow(activation())] };
  /** Looked at each minute, as `nextWake` asks. */
  const seenUntil = (seconds: number, first = aState(), from = 0) => {
    const minutes = Array.from({ length: Math.ceil((seconds - from) / 60) }, (_, minute) => from + minute * 60);
    return [...minutes, seconds].reduce((state, second) => look(state, second, only).state, first);
  };

  test("is watched as an assignment of its own after fifteen minutes", () => {
    expect(seenUntil(899).watches.size).toBe(0);
    expect([...seenUntil(900).watches.values()]).toMatchObject([{ source: "directory", end: null }]);
  });

  test("is not one after an outage: it may have been explained in between", () => {
    expect(look(seenUntil(120), 1000, only).state.watches.size).toBe(0);
  });

  test("closes the end that it held back, as held another way", () => {
    const state = seenUntil(1263, watching, 62);
    expect(keysOf(state).obligations).toEqual([janesKey]);
    expect([...state.watches.values()]).toMatchObject([{ source: "directory" }]);
  });

  test("ends like an assignment without a known end", () => {
    const settled = seenUntil(900);
    const absent = look(settled, 1300).state;
    expect(look(absent, 1306).state.obligations.size).toBe(1);
    expect(look(absent, 1306).state.tombstones.size).toBe(0);
  });

  test("is no longer watched for itself once a schedule explains it", () => {
    const settled = seenUntil(900);
    const { state } = look(settled, 960, { instances: [permanent()] });
    expect([...state.watches.values()]).toMatchObject([{ source: "schedule" }]);
    expect(state.obligations.size).toBe(0);
  });
});

describe("a row inherited from elsewhere", () => {
  const inherited = activation({
    assignmentType: "Assigned",
    memberType: "Inherited",
    roleAssignmentScheduleId: "inherited",
  });

  test.each([
    { scope: "the same scope", row: inherited, watch: aWatch() },
    { scope: "the whole directory", row: inherited, watch: aWatch(oneUnit) },
  ])("of $scope holds the role, and is watched in the same commit", ({ row, watch }) => {
    const { state } = look(aState({ watches: [watch] }), 62, { instances: [row], directory: [] });
    expect([...state.watches.values()]).toMatchObject([{ source: "inherited", directoryScopeId: "/" }]);
    expect([...state.obligations.keys()]).toEqual([janesKey]);
    expect(look(state, 70, { instances: [row], directory: [] }).state.watches.size).toBe(1);
  });

  test("of a service principal, whose groups are not read, has ended when the list alone has not shown it for five minutes", () => {
    const nobody = { user: null, directory: [] };
    const serviceOnly = aState({ watches: [aWatch()], head: { kind: "unknown" } });
    const held = look(serviceOnly, 62, { ...nobody, instances: [inherited] }, null).state;
    const unlisted = [122, 182, 242, 302, 362, 421].reduce((state, at) => look(state, at, nobody, null).state, held);
    expect([...unlisted.watches.values()]).toMatchObject([{ source: "inherited", absence: null }]);
    expect([...look(unlisted, 423, nobody, null).state.obligations.values()].at(-1)).toMatchObject({ cutOff: at(423) });
    const shown = look(unlisted, 421.5, { ...nobody, instances: [inherited] }, null).state;
    expect([...look(shown, 422, nobody, null).state.watches.values()]).toMatchObject([{ absence: null }]);
  });

  test("saves nothing when it is of the very assignment whose end the user's groups told a moment later", () => {
    const held = look(watching, 62, {}, [aPath({ startDateTime: inherited.startDateTime })]).state;
    const { state } = look(look(held, 122, { instances: [inherited], directory: [] }).state, 183, {
      instances: [inherited],
      directory: [],
    });
    expect(keysOf(state)).toMatchObject({ watches: [], obligations: [janesKey, expect.stringContaining("group|")] });
  });

  test("saves what another assignment gave", () => {
    const held = look(watching, 62, {}, [aPath({ startDateTime: null })]).state;
    const { state } = look(look(held, 122, { instances: [inherited], directory: [] }).state, 183, {
      instances: [inherited],
      directory: [],
    });
    expect([...state.watches.values()]).toMatchObject([{ source: "inherited" }]);
  });

  test("that the list alone hides is held as long as the user's groups tell of it", () => {
    const held = look(aState({ watches: [aWatch()] }), 62, { instances: [inherited], directory: [] }).state;
    expect(look(held, 400, {}, null).needsPaths).toEqual([inherited.roleDefinitionId]);
    const hidden = look(held, 400, {}, [aPath()]).state;
    expect([...hidden.watches.values()]).toMatchObject([{ source: "inherited", absence: null }]);
    const unfound = look(hidden, 460, { user: null }, null).state;
    expect([...unfound.watches.values()]).toMatchObject([{ absence: null }]);
    const gone = [500, 506].reduce((state, seconds) => look(state, seconds).state, unfound);
    expect([...gone.obligations.values()].at(-1)).toMatchObject({ cutOff: at(500) });
  });

  test("whose own end comes later is an end like any other", () => {
    const shown = { instances: [inherited], directory: [] };
    const held = look(aState({ watches: [aWatch()] }), 62, shown).state;
    const gone = [400, 406].reduce((state, seconds) => look(state, seconds).state, held);
    expect(gone.watches.size).toBe(0);
    expect(gone.obligations.size).toBe(2);
  });
});
