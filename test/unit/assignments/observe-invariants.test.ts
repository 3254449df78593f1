import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { observe } from "../../../shared/assignments/observe.ts";
import type { PrincipalState } from "../../../shared/assignments/principal-state.ts";
import { defaultTimings } from "../../../shared/assignments/timings.ts";
import type { GroupPath, PrincipalReading } from "../../../shared/graph/graph.ts";
import { activation, directoryRow } from "../../fixtures/fake-world.ts";
import { anAnswer, aState, at, aUser, oneUnit, permanent } from "../../fixtures/principal-builders.ts";

/** One answer, `seconds` after the start, with the group paths read. */
const look = (
  state: PrincipalState,
  seconds: number,
  shown: Partial<PrincipalReading> = {},
  paths: readonly GroupPath[] | null = [],
) => observe(state, { principal: anAnswer(seconds, shown), paths }, "timer", defaultTimings);

describe("whatever is shown", () => {
  const anyShown = fc.array(
    fc.record({
      pause: fc.integer({ min: 1, max: 90 }),
      instances: fc.subarray([activation(), permanent(), activation({ ...oneUnit, roleAssignmentScheduleId: "unit" })]),
      extraRow: fc.boolean(),
      user: fc.constantFrom(aUser(), null),
    }),
    { maxLength: 12 },
  );
  const play = (
    steps: typeof anyShown extends fc.Arbitrary<infer T> ? T : never,
    each: (before: PrincipalState, next: PrincipalState, shown: readonly string[], date: number) => void,
  ) => {
    let state = aState();
    let seconds = 0;
    for (const { pause, instances, extraRow, user } of steps) {
      seconds += pause;
      const directory = [...instances, ...(extraRow ? [activation()] : [])].map(directoryRow);
      const next = look(state, seconds, { instances, directory, user }).state;
      each(
        state,
        next,
        instances.map(({ roleAssignmentScheduleId }) => roleAssignmentScheduleId),
        at(seconds),
      );
      state = next;
    }
  };

  test("what is shown does not end, and every watch either stays or leaves an obligation", () => {
    fc.assert(
      fc.property(anyShown, (steps) =>
        play(steps, (before, next, shown) => {
          for (const [key, { source, scheduleId }] of before.watches) {
            if (source === "schedule" && shown.includes(scheduleId)) expect(next.watches.has(key)).toBe(true);
            if (source === "schedule") expect(next.watches.has(key) || next.obligations.has(key)).toBe(true);
          }
        }),
      ),
    );
  });

  test("an obligation is never before its end was established, nor changed once it exists", () => {
    fc.assert(
      fc.property(anyShown, (steps) =>
        play(steps, (before, next, _, date) => {
          for (const [key, obligation] of next.obligations) {
            const known = before.obligations.get(key);
            if (known !== undefined) expect(obligation).toBe(known);
            else if (obligation.planned) expect(date).toBeGreaterThanOrEqual(at(61));
            else expect(date - obligation.cutOff).toBeGreaterThanOrEqual(defaultTimings.secondAbsence);
          }
        }),
      ),
    );
  });
});
