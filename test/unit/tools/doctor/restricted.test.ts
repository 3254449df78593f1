import { expect, test } from "vitest";
import { GraphPermanentError } from "../../../../shared/graph/errors.ts";
import type { UserReading } from "../../../../shared/graph/graph.ts";
import { checkRestricted } from "../../../../tools/doctor/checks/restricted.ts";
import { prove } from "../../../../tools/doctor/prove.ts";
import { activation } from "../../../fixtures/fake-world.ts";
import { anAnswer, at, aUser } from "../../../fixtures/principal-builders.ts";
import { settingsOf } from "../../settings/reading.ts";

const idOf = (n: number) => `3f2504e0-4f89-11d3-9a0c-${String(n).padStart(12, "0")}`;

/** PIM lists these principals, each with two roles; `userOf` says who they are. */
function tenant(count: number, userOf: (n: number) => UserReading | null) {
  const reads: string[] = [];
  const ids = Array.from({ length: count }, (_, n) => idOf(n));
  const graph = {
    listRoleInstances: async () => ({
      value: [...ids, ...ids].map((principalId) => activation({ principalId })),
      date: at(0),
      at: at(0),
    }),
    readPrincipal: async (id: string) => {
      reads.push(id);
      return anAnswer(0, { user: userOf(ids.indexOf(id)) });
    },
  };
  return { graph, reads };
}

test("users in a restricted unit are listed with the cure, which is no permission", async () => {
  const { graph } = tenant(3, (n) => aUser({ id: idOf(n), restricted: n === 1 }));
  const findings = await checkRestricted({ graph, settings: settingsOf({}) });
  expect(findings).toMatchObject([
    {
      check: "scope",
      state: "warning",
      what: `1 of the 3 users with a role that were looked at is in a restricted management administrative unit: ${idOf(1)}.`,
      fix: expect.stringMatching(/role .* at the scope of that unit/),
    },
  ]);
  expect(JSON.stringify(findings)).not.toContain("RevokeSessions");
});

test("twenty users are read and the others are counted; groups and excluded accounts are no such users", async () => {
  const { graph, reads } = tenant(30, (n) => (n === 0 ? null : aUser({ id: idOf(n) })));
  const findings = await checkRestricted({ graph, settings: settingsOf({ EXCLUDED_PRINCIPALS: idOf(1) }) });
  expect(findings).toMatchObject([{ state: "good", what: expect.stringContaining("none of the 20 users") }]);
  expect(findings[0]?.what).toContain("8 more principals");
  expect(reads).toHaveLength(21);
  expect(reads).not.toContain(idOf(1));
});

test("where nearly all are groups the reading ends as well", async () => {
  const { graph, reads } = tenant(300, () => null);
  await checkRestricted({ graph, settings: settingsOf({}) });
  expect(reads).toHaveLength(100);
});

test("what Graph does not let read is unknown", async () => {
  const refusal = new GraphPermanentError("no", { code: "Forbidden", status: 403 });
  const { graph } = tenant(1, () => {
    throw refusal;
  });
  expect(await checkRestricted({ graph, settings: settingsOf({}) })).toMatchObject([{ state: "unknown" }]);
});

test("a refused proof on such a user names the unit and not the permission", async () => {
  const { graph } = tenant(1, () => aUser({ restricted: true }));
  const revokeSignInSessions = async () => {
    throw new GraphPermanentError("no", { code: "Forbidden", status: 403 });
  };
  const clock = { now: () => at(0), monotonic: () => 0, sleep: async () => undefined };
  const findings = await prove({
    graph: { ...graph, revokeSignInSessions },
    clock,
    userId: idOf(0),
    grant: "grant.sh",
  });
  expect(findings).toMatchObject([{ state: "bad", fix: expect.stringContaining("at the scope of that unit") }]);
  expect(JSON.stringify(findings)).not.toMatch(/RevokeSessions|grant\.sh/);
});
