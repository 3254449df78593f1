import { describe, expect, test } from "vitest";
import { type Circumstances, decide, isSatisfied, refusedBy } from "../../../shared/enforcement/decide.ts";
import { type ResolvedPolicy, usersOnly } from "../../../shared/enforcement/policy.ts";
import type { Outcome } from "../../../shared/model/pending-revocation.ts";
import { emptyHead } from "../../../shared/model/principal.ts";
import { closed, circumstances as usual } from "../../fixtures/circumstances.ts";
import { enforceAllResolved, jane } from "../../fixtures/fake-world.ts";
import {
  absentSince,
  aHolding,
  anAttempt,
  aRevocation,
  aState,
  at,
  aUser,
  oneUnit,
} from "../../fixtures/principal-builders.ts";

const policy = (over: Partial<ResolvedPolicy>) => usual({ policy: { ...enforceAllResolved, ...over } });
const scoped = (who: { readonly included?: "all" | ReadonlySet<string>; readonly excluded?: ReadonlySet<string> }) =>
  policy({ scope: usersOnly({ included: "all", excluded: new Set(), ...who }) });
const satisfied = aUser({ sessionsValidFrom: at(62) });
const holdingNow = (over: Parameters<typeof aHolding>[0] = {}) =>
  usual({ state: aState({ holdings: [aHolding({ key: "now", ...over })] }) });
const waiting = (heldBy: string, notBefore: number) =>
  aRevocation({ progress: { state: "pending", heldBy, notBefore } });
const missing = (until: number, over: Parameters<typeof aState>[0] = {}) =>
  usual({
    user: null,
    date: at(until),
    state: aState({ ...over, head: { missing: { since: at(62), last: at(until) }, ...over.head } }),
  });

test("a lost privilege of an ordinary user is cut", () => {
  expect(decide(aRevocation(), usual())).toEqual("revoke");
});

describe("satisfied", () => {
  test.each([
    { what: "valid from the cut-off on", before: null, validFrom: at(62), yes: true },
    { what: "valid from later", before: at(-500), validFrom: at(70), yes: true },
    { what: "valid from before the cut-off", before: null, validFrom: at(61), yes: false },
    {
      what: "a revoke of the cut-off's second that the first absence showed already",
      before: at(62),
      validFrom: at(62),
      yes: false,
    },
    { what: "never revoked", before: null, validFrom: null, yes: false },
  ])("$yes: $what", ({ before, validFrom, yes }) => {
    const revocation = aRevocation({ sessionsValidFromBefore: before });
    expect(isSatisfied(revocation, aUser({ sessionsValidFrom: validFrom }))).toBe(yes);
  });

  test("never, as far as we know, when Graph does not know the user", () => {
    expect(isSatisfied(aRevocation(), null)).toBe(false);
  });
});

describe("roles that are not enforced", () => {
  const roles = (ids: readonly string[], complete: boolean) =>
    policy({ enforcedRoles: { ids: new Set(ids), complete, problems: [] } });
  const { roleDefinitionId } = aRevocation();

  test("are out of scope, the others are cut", () => {
    expect(decide(aRevocation(), roles([roleDefinitionId], false))).toEqual("revoke");
    expect(decide(aRevocation(), roles(["another"], true))).toEqual(closed("outOfScope", { detail: "role" }));
  });

  test("wait while the setting may mean them", () => {
    expect(decide(aRevocation(), roles([], false))).toMatchObject({ state: "pending", heldBy: "enforcedRoles" });
  });

  test("say nothing of a membership that is a privilege itself", () => {
    const { roleDefinitionId: _, directoryScopeId: __, appScopeId: ___, ...facts } = aRevocation();
    const through = { groupId: "group", ended: "access" as const };
    const membership = { ...facts, groupId: "group", access: "member" as const, through };
    expect(decide(membership, roles([], true))).toEqual("revoke");
  });
});

describe("report-only", () => {
  const reported = (seconds: number) =>
    aRevocation({
      key: "before",
      progress: {
        state: "closed",
        outcome: "reportOnly",
        closedAt: at(seconds),
        acceptedAt: null,
        verified: false,
        detail: "wouldRevoke",
      },
    });
  const report = (over: Partial<Parameters<typeof usual>[0]>) =>
    decide(aRevocation(), usual({ policy: { ...enforceAllResolved, mode: "reportOnly" }, ...over }));

  test("finds it done by a call that enforce would have made after the cut-off", () => {
    expect(report({ state: aState({ revocations: [reported(63)] }) })).toMatchObject({ detail: "wouldBeSatisfied" });
    expect(report({ state: aState({ revocations: [reported(61)] }) })).toMatchObject({ detail: "wouldRevoke" });
  });

  test("a stop keeps everything pending, as it does in enforce", () => {
    expect(report({ stopped: true })).toMatchObject({ state: "pending", heldBy: "stopped" });
  });

  test("a revoke that the threshold would hold is reported so", () => {
    const held = aRevocation({ threshold: "held" });
    const given = policy({ mode: "reportOnly" });
    expect(decide(held, given)).toEqual(closed("reportOnly", { detail: "wouldBeHeld" }));
  });
});

describe("a list of principals that is not understood", () => {
  const doubtful = (id: string) => ({
    ids: new Set<string>(),
    joined: new Map(),
    doubtful: new Set([id]),
    complete: true,
  });
  const meaning = (id: string) => policy({ scope: { included: "all", excluded: [doubtful(id)], problems: [] } });

  test("holds whom it may mean: neither cut nor closed", () => {
    expect(decide(aRevocation(), meaning(jane))).toMatchObject({ state: "pending", heldBy: "scope" });
    expect(decide(aRevocation(), meaning("another"))).toEqual("revoke");
  });
});

describe("an exemption through a group", () => {
  const { date, storageTime } = usual();
  const joining = (joined: number) =>
    policy({
      scope: {
        included: "all",
        // Storage's clock is another one than Graph's.
        excluded: [
          {
            ids: new Set([jane]),
            joined: new Map([[jane, joined + storageTime - date]]),
            doubtful: new Set<string>(),
            complete: true,
          },
        ],
        problems: [],
      },
    });
  const exempt = closed("excluded");
  const through = { groupId: "a group", ended: "access" } as const;

  test.each([
    {
      what: "joined before the membership was seen",
      over: { startDateTime: null, seenSince: at(10) },
      joined: at(9),
      exempt,
    },
    {
      what: "joined since",
      over: { startDateTime: null, seenSince: at(10) },
      joined: at(11),
      exempt: "revoke",
    },
    { what: "joined before its loss, which alone was seen", over: { startDateTime: null }, joined: at(61), exempt },
    { what: "joined after that loss", over: { startDateTime: null }, joined: at(63), exempt: "revoke" },
    { what: "joined after its start", over: { seenSince: at(10) }, joined: at(9), exempt: "revoke" },
  ])("that the user $what", ({ over, joined, exempt }) => {
    expect(decide(aRevocation({ through, ...over }), joining(joined))).toEqual(exempt);
  });
});

describe("closed without a call", () => {
  test.each<{ outcome: Outcome; why: string; given: Circumstances; detail?: string }>([
    { outcome: "alreadySatisfied", why: "another app or person revoked", given: usual({ user: satisfied }) },
    { outcome: "reportOnly", why: "the mode says so", given: policy({ mode: "reportOnly" }), detail: "wouldRevoke" },
    { outcome: "excluded", why: "the user is excluded", given: scoped({ excluded: new Set([jane]) }) },
    {
      outcome: "excluded",
      why: "exclusion wins over inclusion",
      given: scoped({ included: new Set([jane]), excluded: new Set([jane]) }),
    },
    { outcome: "outOfScope", why: "others are included", given: scoped({ included: new Set(["another"]) }) },
    {
      outcome: "notEnforceable",
      why: "in report-only nobody calls for a guest",
      given: usual({ user: aUser({ external: true }), policy: { ...usual().policy, mode: "reportOnly" } }),
      detail: "externalUser",
    },
    { outcome: "stillHeld", why: "another assignment, a group or a new activation gives it", given: holdingNow() },
    { outcome: "stale", why: "no token lives as long", given: usual({ date: at(60.5 + 28 * 3600) + 1 }) },
  ])("$outcome: $why", ({ outcome, given, detail }) => {
    expect(decide(aRevocation(), given)).toEqual(closed(outcome, { detail: detail ?? null }));
  });

  test.each([
    { after: 119, decision: { state: "pending", notBefore: at(200_120), heldBy: "anotherPass" } },
    { after: 120, decision: closed("stale") },
  ])("an old end found $after s ago: another pass may find that a group gave the privilege for longer", (one) => {
    const found = aRevocation({ cutOff: at(200_000), foundAt: at(200_000) });
    expect(decide(found, usual({ date: at(200_000 + one.after) }))).toEqual(one.decision);
  });

  test("a guest who lost nothing is not counted as not enforceable", () => {
    expect(decide(aRevocation(), { ...holdingNow(), user: aUser({ external: true }) })).toEqual(closed("stillHeld"));
  });

  test.each([
    { name: "before the call", of: aRevocation(), sessionsValidFrom: null, decision: "revoke" },
    {
      name: "when it was accepted",
      of: aRevocation({ progress: { state: "accepted", acceptedAt: at(62) } }),
      sessionsValidFrom: null,
      decision: closed("notEnforceable", { detail: "externalUser", acceptedAt: at(62) }),
    },
    {
      name: "when the sessions seem to be cut already",
      of: aRevocation(),
      sessionsValidFrom: at(100),
      decision: closed("notEnforceable", { detail: "externalUser" }),
    },
  ])("of an external user a revoke is asked for and never claimed: $name", ({ of, sessionsValidFrom, decision }) => {
    expect(decide(of, usual({ user: aUser({ external: true, sessionsValidFrom }) }))).toEqual(decision);
  });

  test("a guest who was deleted after the call is no user whose sessions were provably cut", () => {
    const state = aState({ head: { ...emptyHead, kind: "externalUser" } });
    const called = aRevocation({ progress: { state: "accepted", acceptedAt: at(62) } });
    expect(decide(called, usual({ state, user: null }))).toMatchObject({ outcome: "notEnforceable" });
  });

  test("not stale at the very limit", () => {
    expect(decide(aRevocation(), usual({ date: at(60.5 + 28 * 3600) }))).toEqual("revoke");
  });

  test("failed with Graph's code when it refused for as long as tokens live", () => {
    const refused = waiting(refusedBy("Authorization_RequestDenied"), at(60));
    expect(decide(refused, usual({ date: at(29 * 3600) }))).toEqual(
      closed("failed", { detail: "Authorization_RequestDenied" }),
    );
  });
});

test("an included user is in scope", () => {
  expect(decide(aRevocation(), scoped({ included: new Set([jane]) }))).toEqual("revoke");
});

describe("a privilege that is still held", () => {
  const unit = aRevocation({ ...oneUnit });

  test("is that of a wider holding of the same role, never of a narrower one or of another role", () => {
    expect(decide(unit, holdingNow())).toEqual(closed("stillHeld"));
    expect(decide(aRevocation(), holdingNow(oneUnit))).toEqual("revoke");
    expect(decide(aRevocation(), holdingNow({ roleDefinitionId: "another" }))).toEqual("revoke");
  });

  test("is neither cut nor closed while all that would hold it is being denied", () => {
    const given = holdingNow({ absence: absentSince(at(61)) });
    expect(decide(aRevocation(), given)).toEqual({ state: "pending", notBefore: at(72), heldBy: "doubtful" });
  });

  test("counts for more than its age: nothing was lost, however long ago that seemed", () => {
    expect(decide(aRevocation(), { ...holdingNow(), date: at(99 * 3600) })).toMatchObject({ outcome: "stillHeld" });
  });

  test("does not undo a revoke that was made for it", () => {
    const state = aState({ holdings: [aHolding({ key: "now" })], attempt: anAttempt({ state: "accepted" }) });
    expect(decide(aRevocation(), usual({ state, user: satisfied }))).toMatchObject({ outcome: "revoked" });
  });
});

describe("the emergency stop", () => {
  test("keeps the pending revocation and makes another pass in a minute", () => {
    expect(decide(aRevocation(), usual({ stopped: true }))).toEqual({
      state: "pending",
      notBefore: at(122),
      heldBy: "stopped",
    });
  });

  test("does not keep what needs no call", () => {
    const given = usual({ stopped: true, user: satisfied });
    expect(decide(aRevocation(), given)).toEqual(closed("alreadySatisfied"));
  });
});

describe("a user that Graph does not know", () => {
  test("is asked for again a minute later", () => {
    expect(decide(aRevocation(), missing(62))).toEqual({ state: "pending", notBefore: at(123), heldBy: "missing" });
  });

  test("is still missing before the minute is over", () => {
    expect(decide(waiting("missing", at(123)), missing(122))).toMatchObject({ state: "pending", notBefore: at(123) });
  });

  test("is gone after an unbroken run of such answers for more than a minute", () => {
    expect(decide(waiting("missing", at(123)), missing(123))).toEqual(closed("principalGone"));
  });

  test("and never knew is no user", () => {
    expect(decide(waiting("missing", at(123)), missing(123, { head: { kind: "unknown" } }))).toEqual(
      closed("notEnforceable", { detail: "notAUser" }),
    );
  });

  test("and that comes back is cut at once", () => {
    expect(decide(waiting("missing", at(123)), usual({ date: at(70) }))).toEqual("revoke");
  });
});

describe("waiting for Graph", () => {
  test("a refused call is not repeated before its time", () => {
    const refused = waiting(refusedBy("Authorization_RequestDenied"), at(100));
    expect(decide(refused, usual({ date: at(99) }))).toMatchObject({
      state: "pending",
      notBefore: at(100),
      heldBy: "refused:Authorization_RequestDenied",
    });
    expect(decide(refused, usual({ date: at(100) }))).toEqual("revoke");
  });

  test("a user who does not exist for the call is not called again at once because a read still shows them", () => {
    const refused = waiting(refusedBy("Request_ResourceNotFound"), at(123));
    expect(decide(refused, usual({ date: at(63) }))).toMatchObject({ state: "pending", notBefore: at(123) });
  });

  test("any other wait is over when its reason is", () => {
    expect(decide(waiting("stopped", at(100)), usual({ date: at(70) }))).toEqual("revoke");
    expect(decide(waiting("throttled", at(100)), usual({ date: at(70) }))).toEqual("revoke");
  });

  test("a throttled tenant waits by storage's time, whatever Graph's is", () => {
    const given = usual({ throttledUntil: at(1030), storageTime: at(1000) });
    expect(decide(aRevocation(), given)).toEqual({ state: "pending", notBefore: at(92), heldBy: "throttled" });
    expect(decide(aRevocation(), { ...given, storageTime: at(1030) })).toEqual("revoke");
  });
});
