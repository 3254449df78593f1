import { describe, expect, test } from "vitest";
import type { PrincipalState } from "../../../shared/model/principal.ts";
import { buildDay, type NamePrivilege } from "../../../shared/status/build-status.ts";
import { aHolding, anEnded, aRevocation, aSource, aState, at, isoAt } from "../../fixtures/principal-builders.ts";

const hour = 3600;
const nameOf: NamePrivilege = ({ principalId }) => ({
  principalId,
  isGroup: false,
  privilege: "User Administrator",
  scope: "/",
  groupId: null,
});
const day = (...principals: readonly PrincipalState[]) => buildDay(principals, at(0), nameOf);
const barsOf = (state: PrincipalState) => day(state).people.flatMap(({ bars }) => bars);
const iso = (seconds: number) => new Date(at(seconds)).toISOString();
const closed = (over: object = {}) => ({
  state: "closed" as const,
  outcome: "revoked" as const,
  closedAt: at(-10),
  acceptedAt: at(-11),
  verified: true,
  detail: null,
  ...over,
});
const holding = (end: string | null, start: string | null = isoAt(-hour)) =>
  aHolding({ sources: [aSource({ start, end, listedEnd: end })] });
const person = (principalId: string, ...of: readonly Parameters<typeof aState>[0][]) =>
  ({ ...aState(Object.assign({}, ...of)), principalId }) satisfies PrincipalState;

test("it is the last 24 hours and the next eight", () => {
  expect(day()).toEqual({ from: iso(-24 * hour), to: iso(8 * hour), people: [], more: 0 });
});

describe("a bar", () => {
  test("is what a person holds, until its end is known", () => {
    expect(barsOf(aState({ holdings: [holding(isoAt(hour))] }))).toMatchObject([
      { from: iso(-hour), until: iso(hour), fate: "holds" },
    ]);
    expect(barsOf(aState({ holdings: [holding(null, null)] }))).toMatchObject([{ until: null, fate: "holds" }]);
  });

  test("is what ended, with what became of it", () => {
    const revocation = aRevocation({ startDateTime: isoAt(-hour), lastHeld: at(-12), progress: closed() });
    expect(barsOf(aState({ revocations: [revocation] }))).toMatchObject([
      { from: iso(-hour), until: iso(-12), fate: "revoked" },
    ]);
  });

  test("of something without a start begins when it was first seen", () => {
    const revocation = aRevocation({ startDateTime: null, lastHeld: at(-12), progress: closed() });
    const ended = [anEnded({ firstSeen: at(-2 * hour) })];
    expect(barsOf(aState({ ended, revocations: [revocation] }))).toMatchObject([{ from: iso(-2 * hour) }]);
  });

  test("is not drawn when it ended before, but is while it waits", () => {
    const old = { lastHeld: at(-25 * hour), startDateTime: isoAt(-26 * hour) };
    expect(barsOf(aState({ revocations: [aRevocation({ ...old, progress: closed() })] }))).toEqual([]);
    expect(barsOf(aState({ revocations: [aRevocation(old)] }))).toMatchObject([{ fate: "waits" }]);
  });
});

describe("people", () => {
  test("of whom something waits come first, then those whose end is nearest, then those without one", () => {
    const shown = day(
      person("permanent", { holdings: [holding(null)] }),
      person("late", { holdings: [holding(isoAt(7 * hour))] }),
      person("soon", { holdings: [holding(isoAt(60))] }),
      person("cut", { revocations: [aRevocation({ lastHeld: at(-hour), progress: closed() })] }),
      person("waiting", { revocations: [aRevocation({ lastHeld: at(-8 * hour) })] }),
    );
    expect(shown.people.map(({ principalId }) => principalId)).toEqual(["waiting", "soon", "cut", "late", "permanent"]);
  });

  test("beyond fifty are counted, and so are bars beyond six", () => {
    const many = Array.from({ length: 53 }, (_, index) => person(`p${index}`, { holdings: [holding(isoAt(60))] }));
    expect(day(...many)).toMatchObject({ people: { length: 50 }, more: 3 });
    const revocations = Array.from({ length: 8 }, (_, index) => aRevocation({ key: String(index), lastHeld: at(-60) }));
    expect(day(aState({ revocations })).people).toMatchObject([{ bars: { length: 6 }, more: 2 }]);
  });
});
