import fc from "fast-check";
import { expect, test } from "vitest";
import { outcomes, type PendingRevocation, type Progress } from "../../../shared/model/pending-revocation.ts";
import { forgetPast } from "../../../shared/retention/purge.ts";
import { aHolding, anEnded, aRevocation, aState, at } from "../../fixtures/principal-builders.ts";

const day = 86_400;
const before = at(100 * day);

const closed = (seconds: number, over: Partial<Extract<Progress, { state: "closed" }>> = {}): Progress => ({
  state: "closed",
  outcome: "revoked",
  closedAt: at(seconds),
  acceptedAt: at(seconds),
  verified: true,
  detail: null,
  ...over,
});

const keysAfter = (...revocations: readonly PendingRevocation[]) => [
  ...forgetPast(aState({ revocations }), before).revocations.keys(),
];

test("what had its outcome before then is forgotten, the later stays", () => {
  const old = aRevocation({ key: "old", progress: closed(100 * day - 1) });
  const young = aRevocation({ key: "young", progress: closed(100 * day) });
  expect(keysAfter(old, young)).toEqual(["young"]);
});

test("what waits for an outcome stays, however old", () => {
  const waiting: Progress = { state: "pending", notBefore: at(0), heldBy: "stopped" };
  const accepted: Progress = { state: "accepted", acceptedAt: at(0) };
  const ends = [waiting, accepted].map((progress, n) => aRevocation({ key: `${n}`, progress }));
  expect(keysAfter(...ends)).toEqual(["0", "1"]);
});

test("nothing without an outcome is ever forgotten, and nothing is changed", () => {
  const progress = fc.oneof(
    fc.record({
      state: fc.constant("pending" as const),
      notBefore: fc.option(fc.nat()),
      heldBy: fc.option(fc.string()),
    }),
    fc.record({ state: fc.constant("accepted" as const), acceptedAt: fc.nat() }),
    fc
      .record({ seconds: fc.nat({ max: 200 * day }), outcome: fc.constantFrom(...outcomes) })
      .map(({ seconds, outcome }) => closed(seconds, { outcome })),
  );
  fc.assert(
    fc.property(fc.array(progress, { maxLength: 20 }), (all) => {
      const revocations = all.map((one, n) => aRevocation({ key: `${n}`, progress: one }));
      const state = aState({ revocations, holdings: [aHolding()] });
      const next = forgetPast(state, before);
      for (const revocation of revocations) {
        const stays = revocation.progress.state !== "closed" || revocation.progress.closedAt >= before;
        expect(next.revocations.get(revocation.key)).toBe(stays ? revocation : undefined);
      }
      expect({ ...next, revocations: state.revocations }).toEqual(state);
    }),
  );
});

test("an outcome that has not been sent to the webhook yet stays", () => {
  const state = aState({ revocations: [aRevocation({ progress: closed(0) })] });
  expect(forgetPast(state, before, () => true)).toBe(state);
});

test("where nothing is past the state is the very same", () => {
  const state = aState({ revocations: [aRevocation()], ended: [anEnded({ endedAt: before })] });
  expect(forgetPast(state, before)).toBe(state);
});

test("ended holdings live as long as the records, far beyond the two days in which a replica may show them", () => {
  const old = anEnded({ key: "old", endedAt: before - 1 });
  const young = anEnded({ key: "young", endedAt: before });
  for (const kind of ["user", "group"] as const) {
    const state = aState({ head: { kind }, ended: [old, young] });
    expect([...forgetPast(state, before).ended.keys()]).toEqual(["young"]);
  }
});
