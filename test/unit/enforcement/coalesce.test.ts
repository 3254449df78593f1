import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { awaitAnotherEnd } from "../../../shared/enforcement/decide.ts";
import type { AccessRevocation, PendingRevocation } from "../../../shared/model/pending-revocation.ts";
import { circumstances } from "../../fixtures/circumstances.ts";
import { enforceAllResolved, iso } from "../../fixtures/fake-world.ts";
import { aHolding, aRevocation, aSource, aState, at } from "../../fixtures/principal-builders.ts";

const minute = 60_000;
const lesser = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b";
/** Ended 60.5 s after the start. */
const ended = aRevocation({ roleDefinitionId: lesser });
const until = (
  ends: readonly (number | null)[],
  seconds = 62,
  within = 5 * minute,
  revocation: PendingRevocation = ended,
) => {
  const holdings = ends.map((end, index) =>
    aHolding({ key: `${index}`, sources: [aSource({ end: end === null ? null : iso(end) })] }),
  );
  const policy = { ...enforceAllResolved, coalesceWithin: within };
  const given = circumstances({ state: aState({ holdings }), date: at(seconds), policy });
  const decision = awaitAnotherEnd(revocation, given);
  return decision?.state === "pending" ? decision.notBefore : null;
};

describe("an end of a lesser role", () => {
  test("waits for another known end within the time, and a minute longer should PIM be late with it", () => {
    expect(until([at(180)])).toBe(at(240));
  });

  test("waits for the last of several", () => {
    expect(until([at(120), at(240), at(180)])).toBe(at(300));
  });

  test("waits for none that comes later than the time allows, is permanent, or should have come long ago", () => {
    expect(until([at(400)])).toBeNull();
    expect(until([null])).toBeNull();
    expect(until([at(0)], 62)).toBeNull();
    expect(until([])).toBeNull();
  });

  test("is due in time: before the longest wait is over, whatever still comes", () => {
    expect(until([at(350)], 62)).toBe(at(350.5));
    expect(until([at(350)], 350)).toBe(at(350.5));
    expect(until([at(350)], 351)).toBeNull();
  });

  test("never waits without the setting", () => {
    expect(until([at(120)], 62, 0)).toBeNull();
  });
});

test("the end of a most powerful role never waits", () => {
  const powerful = aRevocation({ roleDefinitionId: "62e90394-69f5-4237-9190-012177145e10" });
  expect(until([at(120)], 62, 5 * minute, powerful)).toBeNull();
});

test("the end of a membership that is a privilege itself never waits: nobody knows what it gave", () => {
  const { roleDefinitionId: _, directoryScopeId: __, appScopeId: ___, ...facts } = ended;
  const access: AccessRevocation = {
    ...facts,
    groupId: "group",
    access: "member",
    through: { groupId: "group", ended: "access" },
  };
  expect(until([at(120)], 62, 5 * minute, access)).toBeNull();
});

test("whatever is known and whenever it is asked, nothing waits beyond the setting", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -600, max: 6000 }).map(at)),
      fc.integer({ min: 61, max: 6000 }),
      fc.integer({ min: 0, max: 60 }),
      (ends, seconds, minutes) => {
        const wait = until(ends, seconds, minutes * minute);
        if (wait !== null) expect(wait).toBeLessThanOrEqual(ended.lastHeld + minutes * minute - 10_000);
      },
    ),
  );
});
