import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { lag } from "../../../shared/detection/lag.ts";
import { observe } from "../../../shared/detection/observe.ts";
import type { RolePrivilege } from "../../../shared/graph/graph.ts";
import { privilegeKey, samePrivilege } from "../../../shared/model/holding.ts";
import type { PrincipalState } from "../../../shared/model/principal.ts";
import { activation, directoryRow } from "../../fixtures/fake-world.ts";
import { anAnswer, aState, at, aUser, oneUnit, permanent } from "../../fixtures/principal-builders.ts";

const anyAnswers = fc.array(
  fc.record({
    pause: fc.integer({ min: 1, max: 100 }),
    instances: fc.subarray([activation(), permanent(), activation({ ...oneUnit, roleAssignmentScheduleId: "unit" })]),
    directory: fc.subarray([activation(), activation(oneUnit)]),
    user: fc.constantFrom(aUser(), null),
  }),
  { maxLength: 15 },
);

interface Step {
  readonly before: PrincipalState;
  readonly next: PrincipalState;
  readonly date: number;
  /** What this answer shows, and when each privilege was shown last. */
  readonly shown: readonly RolePrivilege[];
  readonly lastShown: ReadonlyMap<string, number>;
}

/** Whatever answers come, `check` holds after each. */
const always = (check: (step: Step) => void) =>
  fc.assert(
    fc.property(anyAnswers, (answers) => {
      const lastShown = new Map<string, number>();
      let before = aState();
      let seconds = 0;
      for (const { pause, instances, directory, user } of answers) {
        seconds += pause;
        const principal = anAnswer(seconds, { instances, directory: directory.map(directoryRow), user });
        const next = observe(before, { principal, paths: { ...principal, value: [] } }, "timer", defaultTimings).state;
        const shown = [...instances, ...directory];
        for (const row of shown) lastShown.set(privilegeKey(row), at(seconds));
        check({ before, next, date: at(seconds), shown, lastShown });
        before = next;
      }
    }),
  );

/** Such a row may be stale: a replica shows the earlier one. */
const endedBefore = ({ ended }: PrincipalState, privilege: RolePrivilege): boolean =>
  [...ended.values()].some((one) => samePrivilege(one, privilege));

test("what a view shows is not lost, and every holding stays or leaves an ended holding and one pending revocation", () => {
  always(({ before, next, shown }) => {
    for (const [key, holding] of before.holdings) {
      const isShown = shown.some((row) => samePrivilege(row, holding));
      if (isShown && !endedBefore(before, holding)) expect(next.holdings.has(key)).toBe(true);
      expect([next.holdings.has(key), next.ended.has(key)]).toContainEqual(true);
      expect(next.revocations.has(key)).toBe(next.ended.has(key));
    }
  });
});

test("one privilege is one holding", () => {
  always(({ next }) => {
    const keys = [...next.holdings.values()].map(privilegeKey);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

test("a loss is never before it was proven, nor changed once it exists", () => {
  always(({ before, next, date }) => {
    for (const [key, revocation] of next.revocations) {
      const known = before.revocations.get(key);
      if (known !== undefined) expect(revocation).toBe(known);
      else if (revocation.planned) expect(date).toBeGreaterThanOrEqual(at(61));
      else expect(date - revocation.cutOff).toBeGreaterThanOrEqual(lag.secondAnswer);
    }
  });
});

test("a loss is cut off after the last answer that showed it", () => {
  always(({ before, next, lastShown }) => {
    for (const ended of next.ended.values()) {
      if (endedBefore(before, ended)) continue;
      expect(ended.cutOff).toBeGreaterThan(lastShown.get(privilegeKey(ended)) ?? Number.POSITIVE_INFINITY);
    }
  });
});
