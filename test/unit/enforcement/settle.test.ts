import { describe, expect, test } from "vitest";
import { type Circumstances, refusedBy } from "../../../shared/enforcement/decide.ts";
import { settle } from "../../../shared/enforcement/settle.ts";
import type { PendingRevocation, Progress } from "../../../shared/model/pending-revocation.ts";
import { summarized } from "../../../shared/model/principal.ts";
import { circumstances } from "../../fixtures/circumstances.ts";
import {
  absentSince,
  aHolding,
  anAttempt,
  aRevocation,
  aState,
  at,
  aUser,
  janesKey,
} from "../../fixtures/principal-builders.ts";

const usual = (over: Partial<Circumstances> = {}): Circumstances =>
  circumstances({ state: aState({ revocations: [aRevocation()] }), ...over });
const second = (over: Partial<PendingRevocation> = {}) =>
  aRevocation({ key: "second", roleDefinitionId: "another", ...over });
const closed: Progress = {
  state: "closed",
  outcome: "revoked",
  closedAt: at(9),
  acceptedAt: at(8),
  verified: true,
  detail: null,
};

describe("a call to be made", () => {
  test("is one open attempt for all due pending revocations of the user", () => {
    const { state, revoke } = settle(usual({ state: aState({ revocations: [aRevocation(), second()] }) }), "new");
    expect(revoke).toBe(true);
    expect(state.attempt).toEqual({
      id: "new",
      writtenAt: null,
      state: "open",
      covers: [janesKey, "second"],
      uncertainSince: null,
    });
    expect(summarized(state).head.openSince).toBe(at(62));
  });

  test.each([
    {
      wait: "an uncertain call",
      attempt: anAttempt({ state: "uncertain", uncertainSince: at(61) }),
      progress: undefined,
    },
    {
      wait: "a refusal to pass",
      attempt: anAttempt({ state: "refused" }),
      progress: {
        state: "pending",
        notBefore: at(63),
        heldBy: refusedBy("serviceNotAvailable"),
      } as const,
    },
  ])("is also for those that wait for $wait: nobody calls a second time for them", ({ attempt, progress }) => {
    const revocations = [aRevocation(progress && { progress }), second()];
    const { state, revoke } = settle(usual({ state: aState({ revocations, attempt }) }), "new");
    expect(revoke).toBe(true);
    expect(state.attempt?.covers).toEqual([janesKey, "second"]);
  });

  test.each([
    { mode: "enforce", covers: ["second"] },
    { mode: "reportOnly", covers: undefined },
  ] as const)("is not for what may still be held: $mode", ({ mode, covers }) => {
    const revocations = [aRevocation(), second()];
    const holdings = [aHolding({ absence: absentSince(at(61)) })];
    const given = usual({ state: aState({ revocations, holdings }) });
    const { state, due } = settle({ ...given, policy: { ...given.policy, mode } }, "new");
    expect(due.map(({ key }) => key)).toEqual(["second"]);
    expect(state.attempt?.covers).toEqual(covers);
    expect(state.revocations.get(janesKey)?.progress).toMatchObject({ state: "pending", heldBy: "doubtful" });
  });

  test("is not for what is accepted or closed", () => {
    const accepted: Progress = { state: "accepted", acceptedAt: at(61) };
    const revocations = [aRevocation({ progress: accepted }), second(), second({ key: "third", progress: closed })];
    const { state } = settle(usual({ state: aState({ revocations }) }), "new");
    expect(state.attempt?.covers).toEqual(["second"]);
  });
});

describe("a lease", () => {
  const open = (storageTime: number) =>
    settle(usual({ state: aState({ revocations: [aRevocation()], attempt: anAttempt() }), storageTime }), "new");

  test("of another is respected for a minute of storage's time", () => {
    const { state, revoke } = open(at(121));
    expect(revoke).toBe(false);
    expect(state.attempt?.state).toBe("open");
  });

  test("that ran out without a result leaves an uncertain call, read back before it is repeated", () => {
    const { state, revoke } = open(at(122));
    expect(revoke).toBe(false);
    expect(state.attempt).toMatchObject({ state: "uncertain", uncertainSince: at(62) });
    expect(state.revocations.get(janesKey)?.progress).toMatchObject({ state: "pending", heldBy: "uncertain" });
  });
});

describe("progress", () => {
  const progressOf = (given: Partial<Circumstances>, revocation = aRevocation()) =>
    settle(usual({ state: aState({ revocations: [revocation] }), ...given }), "new").state.revocations.get(
      revocation.key,
    )?.progress;

  test("of what waits says until when and why", () => {
    expect(progressOf({ stopped: true })).toEqual({ state: "pending", notBefore: at(122), heldBy: "stopped" });
    expect(progressOf({ user: null })).toMatchObject({ heldBy: "missing", notBefore: at(123) });
  });

  test("of what is called for waits for nothing any more", () => {
    const stopped = aRevocation({ progress: { state: "pending", notBefore: at(122), heldBy: "stopped" } });
    expect(progressOf({}, stopped)).toEqual({ state: "pending", notBefore: null, heldBy: null });
  });

  test("of what is read back stays until it is shown, then keeps when it was accepted", () => {
    const accepted = aRevocation({ progress: { state: "accepted", acceptedAt: at(62) } });
    expect(progressOf({ date: at(65) }, accepted)).toEqual(accepted.progress);
    expect(progressOf({ date: at(65), user: aUser({ sessionsValidFrom: at(62) }) }, accepted)).toEqual({
      state: "closed",
      outcome: "revoked",
      closedAt: at(65),
      acceptedAt: at(62),
      verified: true,
      detail: null,
    });
  });

  test("of what is closed never changes", () => {
    expect(progressOf({}, aRevocation({ progress: closed }))).toEqual(closed);
  });
});

test("the head shows since when the oldest pending revocation is open, and that none is", () => {
  const revocations = [
    aRevocation(),
    second({ foundAt: at(30) }),
    second({ key: "third", foundAt: at(1), progress: closed }),
  ];
  const waiting = settle(usual({ state: aState({ revocations }), stopped: true }), "new").state;
  expect(summarized(waiting).head.openSince).toBe(at(30));
  const done = aState({ revocations: [aRevocation({ progress: closed })], head: { openSince: at(30) } });
  expect(summarized(settle(usual({ state: done }), "new").state).head.openSince).toBeNull();
});
