import { describe, expect, test } from "vitest";
import { decide } from "../../../shared/enforcement/decide.ts";
import { closed, circumstances as usual } from "../../fixtures/circumstances.ts";
import { enforceAllResolved } from "../../fixtures/fake-world.ts";
import { anAttempt, aRevocation, aState, at, aUser } from "../../fixtures/principal-builders.ts";

const satisfied = aUser({ sessionsValidFrom: at(62) });

describe("an attempt", () => {
  const attempted = (over: Parameters<typeof anAttempt>[0]) => aState({ attempt: anAttempt(over) });

  test("that is open is another's lease until it ends", () => {
    const given = usual({ state: attempted({ writtenAt: at(60) }), storageTime: at(70) });
    expect(decide(aRevocation(), given)).toEqual({ state: "pending", notBefore: at(62 + 50), heldBy: "attempt" });
  });

  test("that is open and nearly over is waited for at least a second", () => {
    const given = usual({ state: attempted({ writtenAt: at(10) }), storageTime: at(70) });
    expect(decide(aRevocation(), given)).toMatchObject({ state: "pending", notBefore: at(63) });
  });

  test("that was just made by this very state has its whole lease", () => {
    expect(decide(aRevocation(), usual({ state: attempted({ writtenAt: null }) }))).toMatchObject({
      notBefore: at(122),
    });
  });

  test("of unknown result is read back every two seconds, and repeated after more than fifteen", () => {
    const uncertain = attempted({ state: "uncertain", uncertainSince: at(62) });
    expect(decide(aRevocation(), usual({ state: uncertain }))).toEqual({
      state: "pending",
      notBefore: at(64),
      heldBy: "uncertain",
    });
    expect(decide(aRevocation(), usual({ state: uncertain, date: at(77) }))).toMatchObject({ notBefore: at(78) });
    expect(decide(aRevocation(), usual({ state: uncertain, date: at(78) }))).toEqual("revoke");
  });

  test("of unknown result that the read-back shows has revoked", () => {
    const given = usual({ state: attempted({ state: "uncertain", uncertainSince: at(62) }), user: satisfied });
    expect(decide(aRevocation(), given)).toEqual(closed("revoked", { verified: true }));
  });

  test("of unknown result for another end, which may have been applied after this one's cut-off, is read back as well", () => {
    const state = attempted({ state: "uncertain", uncertainSince: at(62), covers: ["another"] });
    expect(decide(aRevocation(), usual({ state }))).toMatchObject({ notBefore: at(64), heldBy: "uncertain" });
    expect(decide(aRevocation(), usual({ state, date: at(78) }))).toEqual("revoke");
  });

  test("of unknown result that cannot have been applied after this one's cut-off holds back nothing", () => {
    const state = attempted({ state: "uncertain", uncertainSince: at(61), covers: ["another"] });
    expect(decide(aRevocation({ cutOff: at(62) }), usual({ state }))).toEqual("revoke");
  });

  test.each([{ state: "refused" }, { state: "open", covers: ["another"] }] as const)(
    "that did not do it takes no credit for another's revoke: %o",
    (over) => {
      const given = usual({ state: attempted(over), user: satisfied });
      expect(decide(aRevocation(), given)).toEqual(closed("alreadySatisfied"));
    },
  );

  test("that was accepted for an earlier end does not satisfy a later one", () => {
    const state = attempted({ state: "accepted", covers: ["another"] });
    expect(decide(aRevocation(), usual({ state, user: aUser({ sessionsValidFrom: at(61) }) }))).toEqual("revoke");
  });
});

describe("a revoke accepted for another end, after this one's cut-off", () => {
  const progress = { state: "accepted", acceptedAt: at(63) } as const;
  const other = aRevocation({ key: "other", roleDefinitionId: "another", progress });
  const state = aState({ revocations: [other] });

  test("is read back before another is made: a replica may lag", () => {
    expect(decide(aRevocation(), usual({ state, date: at(64) }))).toEqual({
      state: "pending",
      notBefore: at(66),
      heldBy: "readBack",
    });
    expect(decide(aRevocation(), usual({ state, date: at(78) }))).toMatchObject({
      state: "pending",
      notBefore: at(79),
    });
  });

  test("that nothing shows after more than fifteen seconds is not relied on", () => {
    expect(decide(aRevocation(), usual({ state, date: at(79) }))).toEqual("revoke");
  });

  test("has nothing to say about an end that was cut off later", () => {
    expect(decide(aRevocation({ cutOff: at(64) }), usual({ state, date: at(64) }))).toEqual("revoke");
  });
});

describe("an accepted revoke", () => {
  const accepted = aRevocation({ progress: { state: "accepted", acceptedAt: at(62) } });

  test("is verified by the read-back, even when the mode has changed since", () => {
    const given = usual({ policy: { ...enforceAllResolved, mode: "reportOnly" }, user: satisfied });
    expect(decide(accepted, given)).toEqual(closed("revoked", { verified: true, acceptedAt: at(62) }));
  });

  test.each([at(62), at(361)])("stays accepted until then: %i", (date) => {
    expect(decide(accepted, usual({ date }))).toEqual(accepted.progress);
  });

  test("that nothing shows for five minutes is closed as unverified, never repeated", () => {
    expect(decide(accepted, usual({ date: at(362) }))).toEqual(closed("revoked", { acceptedAt: at(62) }));
    expect(decide(accepted, usual({ date: at(99 * 3600) }))).toMatchObject({ outcome: "revoked", verified: false });
  });
});
