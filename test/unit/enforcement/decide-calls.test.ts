import { describe, expect, test } from "vitest";
import { decide } from "../../../shared/enforcement/decide.ts";
import { circumstances as usual } from "../../fixtures/circumstances.ts";
import { enforceAllResolved } from "../../fixtures/fake-world.ts";
import { anAttempt, aRevocation, aState, at, aUser } from "../../fixtures/principal-builders.ts";

const satisfied = aUser({ sessionsValidFrom: at(62) });

describe("an attempt", () => {
  const attempted = (over: Parameters<typeof anAttempt>[0]) => aState({ attempt: anAttempt(over) });

  test("that is open is another's lease until it ends", () => {
    const given = usual({ state: attempted({ writtenAt: at(60) }), storageTime: at(70) });
    expect(decide(aRevocation(), given)).toEqual({ do: "wait", until: at(62 + 50), heldBy: "attempt" });
  });

  test("that is open and nearly over is waited for at least a second", () => {
    const given = usual({ state: attempted({ writtenAt: at(10) }), storageTime: at(70) });
    expect(decide(aRevocation(), given)).toMatchObject({ do: "wait", until: at(63) });
  });

  test("that was just made by this very state has its whole lease", () => {
    expect(decide(aRevocation(), usual({ state: attempted({ writtenAt: null }) }))).toMatchObject({ until: at(122) });
  });

  test("of unknown result is read back every two seconds, and repeated after more than fifteen", () => {
    const uncertain = attempted({ state: "uncertain", uncertainSince: at(62) });
    expect(decide(aRevocation(), usual({ state: uncertain }))).toEqual({
      do: "wait",
      until: at(64),
      heldBy: "uncertain",
    });
    expect(decide(aRevocation(), usual({ state: uncertain, date: at(77) }))).toMatchObject({ until: at(78) });
    expect(decide(aRevocation(), usual({ state: uncertain, date: at(78) }))).toEqual({ do: "revoke" });
  });

  test("of unknown result that the read-back shows has revoked", () => {
    const given = usual({ state: attempted({ state: "uncertain", uncertainSince: at(62) }), user: satisfied });
    expect(decide(aRevocation(), given)).toEqual({ do: "close", outcome: "revoked", verified: true });
  });

  test("of unknown result for another end holds back nothing", () => {
    const state = attempted({ state: "uncertain", uncertainSince: at(62), covers: ["another"] });
    expect(decide(aRevocation(), usual({ state }))).toEqual({ do: "revoke" });
  });

  test.each([{ state: "refused" }, { state: "open", covers: ["another"] }] as const)(
    "that did not do it takes no credit for another's revoke: %o",
    (over) => {
      const given = usual({ state: attempted(over), user: satisfied });
      expect(decide(aRevocation(), given)).toEqual({ do: "close", outcome: "alreadySatisfied" });
    },
  );

  test("that was accepted for an earlier end does not satisfy a later one", () => {
    const state = attempted({ state: "accepted", covers: ["another"] });
    expect(decide(aRevocation(), usual({ state, user: aUser({ sessionsValidFrom: at(61) }) }))).toEqual({
      do: "revoke",
    });
  });
});

describe("a revoke accepted for another end, after this one's cut-off", () => {
  const other = aRevocation({ key: "other", progress: { state: "accepted", acceptedAt: at(63) } });
  const state = aState({ revocations: [other] });

  test("is read back before another is made: a replica may lag", () => {
    expect(decide(aRevocation(), usual({ state, date: at(64) }))).toEqual({
      do: "wait",
      until: at(66),
      heldBy: "readBack",
    });
    expect(decide(aRevocation(), usual({ state, date: at(78) }))).toMatchObject({ do: "wait", until: at(79) });
  });

  test("that nothing shows after more than fifteen seconds is not relied on", () => {
    expect(decide(aRevocation(), usual({ state, date: at(79) }))).toEqual({ do: "revoke" });
  });

  test("has nothing to say about an end that was cut off later", () => {
    expect(decide(aRevocation({ cutOff: at(64) }), usual({ state, date: at(64) }))).toEqual({ do: "revoke" });
  });
});

describe("an accepted revoke", () => {
  const accepted = aRevocation({ progress: { state: "accepted", acceptedAt: at(62) } });

  test("is verified by the read-back, even when the mode has changed since", () => {
    const given = usual({ policy: { ...enforceAllResolved, mode: "reportOnly" }, user: satisfied });
    expect(decide(accepted, given)).toEqual({ do: "close", outcome: "revoked", verified: true });
  });

  test.each([
    { date: at(62), until: at(63) },
    { date: at(64), until: at(66) },
    { date: at(66), until: at(70) },
    { date: at(262), until: at(322) },
  ])("is read back twice as late each time, at most a minute: $date", ({ date, until }) => {
    expect(decide(accepted, usual({ date }))).toEqual({ do: "wait", until, heldBy: "readBack" });
  });

  test("that nothing shows for five minutes is closed as unverified, never repeated", () => {
    expect(decide(accepted, usual({ date: at(362) }))).toEqual({ do: "close", outcome: "revoked", verified: false });
    expect(decide(accepted, usual({ date: at(99 * 3600) }))).toMatchObject({ outcome: "revoked", verified: false });
  });
});
