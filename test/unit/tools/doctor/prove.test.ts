import { expect, test } from "vitest";
import { GraphPermanentError, GraphUncertainError } from "../../../../shared/graph/errors.ts";
import type { UserReading } from "../../../../shared/graph/graph.ts";
import { type Proof, prove } from "../../../../tools/doctor/prove.ts";
import { activation, jane } from "../../../fixtures/fake-world.ts";
import { anAnswer, at, aUser } from "../../../fixtures/principal-builders.ts";

/** A Graph whose read-back shows a revoke `lag` milliseconds later, and a clock that moves only by sleeping. */
function world({
  user = aUser(),
  lag = 0,
  refusal,
}: {
  user?: UserReading | null;
  lag?: number;
  refusal?: Error;
} = {}) {
  let now = at(0);
  const revokes: number[] = [];
  const proof: Proof = {
    userId: jane,
    grant: "grant.sh",
    clock: {
      now: () => now,
      monotonic: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    },
    graph: {
      readPrincipal: async () => {
        const [revoke] = revokes;
        const shown = revoke !== undefined && now >= revoke + lag;
        const seconds = (now - at(0)) / 1000;
        const current = user === null ? null : { ...user, sessionsValidFrom: shown ? revoke : user.sessionsValidFrom };
        return anAnswer(seconds, { instances: [activation()], user: current });
      },
      revokeSignInSessions: async () => {
        if (refusal !== undefined) throw refusal;
        revokes.push(now);
        return { value: undefined, date: now, at: now };
      },
    },
  };
  return { proof, revokes };
}

test("an accepted revoke that the read-back shows is a proof, with the time it took", async () => {
  const { proof, revokes } = world({ lag: 4000 });
  expect(await prove(proof)).toEqual([
    { check: "prove", state: "good", what: "Graph accepted the revoke of a user who holds a directory role." },
    { check: "prove", state: "good", what: "The read-back showed it after 4.0 s." },
  ]);
  expect(revokes).toHaveLength(1);
});

test("an earlier revoke is not taken for this one", async () => {
  const { proof } = world({ user: aUser({ sessionsValidFrom: at(-3600) }), lag: 3000 });
  expect((await prove(proof))[1]?.what).toContain("3.0 s");
});

test("a revoke that never shows is no proof, and is not sent again", async () => {
  const { proof, revokes } = world({ lag: Number.POSITIVE_INFINITY });
  expect((await prove(proof))[1]).toMatchObject({ state: "bad", what: expect.stringContaining("Five minutes") });
  expect(revokes).toHaveLength(1);
});

test.each([
  ["a stranger", null],
  ["a guest", aUser({ external: true })],
])("%s is not revoked", async (_, user) => {
  const { proof, revokes } = world({ user });
  expect(await prove(proof)).toMatchObject([{ state: "bad", why: "Nothing was revoked, and nothing is proven." }]);
  expect(revokes).toEqual([]);
});

test("a refusal says which permission may be missing, a lost answer that it may have been applied", async () => {
  const refused = new GraphPermanentError("no", { code: "Authorization_RequestDenied", status: 403 });
  expect(await prove(world({ refusal: refused }).proof)).toMatchObject([
    { state: "bad", why: expect.stringContaining("User.RevokeSessions.All"), fix: "grant.sh" },
  ]);
  const lost = new GraphUncertainError("no answer", { code: "timeout" });
  expect(await prove(world({ refusal: lost }).proof)).toMatchObject([
    { state: "bad", fix: expect.stringContaining("may have been applied") },
  ]);
});
