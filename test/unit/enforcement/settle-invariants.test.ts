import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { type Circumstances, refusedBy } from "../../../shared/enforcement/decide.ts";
import { usersOnly } from "../../../shared/enforcement/policy.ts";
import { settle } from "../../../shared/enforcement/settle.ts";
import type { UserReading } from "../../../shared/graph/graph.ts";
import type { Holding } from "../../../shared/model/holding.ts";
import type { Attempt, PendingRevocation, Progress } from "../../../shared/model/pending-revocation.ts";
import { jane } from "../../fixtures/fake-world.ts";
import { absentSince, aHolding, aRevocation, aState, at, aUser, janesKey } from "../../fixtures/principal-builders.ts";

const closed: Progress = {
  state: "closed",
  outcome: "revoked",
  closedAt: at(9),
  acceptedAt: at(8),
  verified: true,
  detail: null,
};

/** What stands in the way of a call is rare enough that many cases reach one. */
const seldom = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 1 });
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const anyTime = fc.integer({ min: -100, max: 40 * 3600 }).map(at);
const anyProgress: fc.Arbitrary<Progress> = fc.oneof(
  fc.record({
    state: fc.constant("pending" as const),
    notBefore: seldom(anyTime),
    heldBy: mostly<string | null>(null, "stopped", "missing", "uncertain", refusedBy("Authorization_RequestDenied")),
  }),
  fc.record({ state: fc.constant("accepted" as const), acceptedAt: anyTime }),
  fc.constant(closed),
);
const anyRevocation: fc.Arbitrary<PendingRevocation> = fc
  .record({
    key: fc.constantFrom(janesKey, "second", "third"),
    cutOff: anyTime,
    lastHeld: anyTime,
    progress: anyProgress,
  })
  .map((over) => aRevocation(over));
const anyAttempt: fc.Arbitrary<Attempt> = fc.record({
  id: fc.constant("old"),
  writtenAt: anyTime,
  state: fc.constantFrom("open", "accepted", "refused", "uncertain"),
  covers: fc.subarray([janesKey, "second", "third"]),
  uncertainSince: fc.option(anyTime),
});
const anyUser: fc.Arbitrary<UserReading | null> = fc.option(
  fc.record({ external: fc.boolean(), sessionsValidFrom: seldom(anyTime) }).map((over) => aUser(over)),
);
const anyCircumstances: fc.Arbitrary<Circumstances> = fc.record({
  state: fc
    .record({
      revocations: fc.array(anyRevocation, { maxLength: 3 }),
      attempt: seldom(anyAttempt),
      holdings: mostly<Holding[]>(
        [],
        [aHolding({ key: "held" })],
        [aHolding({ key: "denied", absence: absentSince(at(20)) })],
        [aHolding({ key: "held" }), aHolding({ key: "denied", absence: absentSince(at(20)) })],
      ),
    })
    .map(aState),
  user: anyUser,
  date: anyTime,
  storageTime: anyTime,
  throttledUntil: seldom(anyTime),
  stopped: mostly(false, true),
  resumption: seldom(
    fc.record({
      from: fc.constantFrom("off" as const, "reportOnly" as const, "stop" as const),
      since: anyTime,
      at: anyTime,
    }),
  ),
  policy: fc.record({
    mode: mostly<Circumstances["policy"]["mode"]>("enforce", "off", "reportOnly"),
    stopped: fc.constant(false),
    scope: fc
      .record({
        included: mostly<"all" | Set<string>>("all", new Set([jane]), new Set<string>()),
        excluded: mostly(new Set<string>(), new Set([jane])),
      })
      .map(usersOnly),
    enforcedRoles: mostly<Circumstances["policy"]["enforcedRoles"]>("all", {
      ids: new Set<string>(),
      complete: true,
      problems: [],
    }),
    staleAfter: fc.constant(28 * 3_600_000),
    coalesceWithin: fc.constantFrom(0, 5 * 60_000),
    lateExemptions: fc.constantFrom("ignore", "honour"),
  }),
  timings: fc.constant(defaultTimings),
});

describe("whatever the circumstances", () => {
  const always = (holds: (given: Circumstances, settled: ReturnType<typeof settle>) => void) =>
    fc.assert(
      fc.property(anyCircumstances, (given) => holds(given, settle(given, "new"))),
      { numRuns: 2000 },
    );

  test("a call is made only in mode enforce, unstopped, for a user, in scope and not excluded", () => {
    let calls = 0;
    always((given, { revoke }) => {
      if (!revoke) return;
      calls += 1;
      const { policy, user } = given;
      const { included, excluded } = policy.scope;
      expect([policy.mode, given.stopped, excluded.some(({ ids }) => ids.has(jane))]).toEqual([
        "enforce",
        false,
        false,
      ]);
      expect(included === "all" || included.some(({ ids }) => ids.has(jane))).toBe(true);
      expect(policy.enforcedRoles).toBe("all");
      expect(user).not.toBeNull();
    });
    expect(calls).toBeGreaterThan(50);
  });

  test("a call is only for pending revocations that are pending, fresh and not satisfied", () => {
    always((given, { state, revoke }) => {
      if (!revoke) return;
      expect(state.attempt?.covers.length).toBeGreaterThan(0);
      for (const key of state.attempt?.covers ?? []) {
        const before = given.state.revocations.get(key);
        expect(before?.progress.state).toBe("pending");
        expect(given.date - (before?.lastHeld ?? 0)).toBeLessThanOrEqual(given.policy.staleAfter);
        expect(state.revocations.get(key)?.progress.state).toBe("pending");
      }
    });
  });

  test("no call is made for what is still held, or may be", () => {
    always((given, { revoke }) => {
      if (given.state.holdings.size > 0) expect(revoke).toBe(false);
    });
  });

  test("no call is made while another's lease lasts", () => {
    always((given, { revoke }) => {
      const { attempt } = given.state;
      const leased =
        attempt?.state === "open" && given.storageTime - (attempt.writtenAt ?? 0) < defaultTimings.leaseFor;
      if (leased) expect(revoke).toBe(false);
    });
  });

  test("no pending revocation is added or forgotten, and an outcome is for ever", () => {
    always((given, { state }) => {
      expect([...state.revocations.keys()].toSorted()).toEqual([...given.state.revocations.keys()].toSorted());
      for (const [key, { progress }] of given.state.revocations) {
        if (progress.state === "closed") expect(state.revocations.get(key)?.progress).toBe(progress);
      }
    });
  });

  test("settling what was just settled, without a call, changes nothing", () => {
    always((given, { state, revoke }) => {
      if (!revoke) expect(settle({ ...given, state }, "new").state).toEqual(state);
    });
  });
});
