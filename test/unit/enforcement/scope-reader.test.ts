import { describe, expect, test } from "vitest";
import { judgeScope } from "../../../shared/enforcement/policy.ts";
import { createScopeReader } from "../../../shared/enforcement/scope-reader.ts";
import { GraphRetryableError } from "../../../shared/graph/errors.ts";
import type { ListedPrincipal } from "../../../shared/graph/people.ts";
import { createFakeWorld, start } from "../../fixtures/fake-world.ts";

const [jane, joe, admins] = ["jane", "joe", "admins"];
const minute = 60_000;

/** A tenant with one user and one group in EXCLUDED_PRINCIPALS; each `reader()` is a process of its own. */
function createTenant() {
  const world = createFakeWorld();
  const asked: (readonly string[])[] = [];
  const tenant = {
    members: [jane] as readonly string[],
    failure: null as Error | null,
    /** Resolved before each answer. */
    delay: async () => {},
  };
  const readListed = async (ids: readonly string[]) => {
    asked.push(ids);
    await tenant.delay();
    if (tenant.failure !== null) throw tenant.failure;
    const value = ids.map(
      (id): ListedPrincipal =>
        id === admins ? { id, kind: "group", assignableToRole: true, members: tenant.members } : { id, kind: "user" },
    );
    return { value, date: world.clock.now(), at: world.clock.monotonic() };
  };
  const settings = { included: "all", excluded: new Set([joe, admins]) } as const;
  const { state, clock } = world;
  const reader = (own: Parameters<typeof createScopeReader>[0]["settings"] = settings) =>
    createScopeReader({ settings: own, state, readListed, clock, telemetry: world.dependencies.telemetry });
  const recordedOf = (wanted: string) =>
    world.recorded.filter(({ name }) => name === wanted).map(({ properties }) => properties);
  return { ...world, tenant, asked, reader, recordedOf };
}

const unavailable = new GraphRetryableError("Unavailable.", { code: "timeout", reason: "unavailable" });

test("every reading asks Graph for the members of the group, and never again about a user", async () => {
  const { reader, tenant, asked } = createTenant();
  const read = reader();
  expect(judgeScope(jane, await read())).toBe("excluded");
  tenant.members = [];
  expect(judgeScope(jane, await read())).toBe("in");
  expect(asked).toEqual([[joe, admins], [admins]]);
});

test("a younger reading serves every caller who accepts it", async () => {
  const { reader, asked, goTo } = createTenant();
  const read = reader();
  await read();
  goTo(start + 20_000);
  await read(20_000);
  expect(asked).toHaveLength(1);
  goTo(start + 20_001);
  await read(20_000);
  expect(asked).toHaveLength(2);
});

test("lists of users alone are asked about once", async () => {
  const { reader, asked } = createTenant();
  const read = reader({ included: new Set([jane]), excluded: new Set([joe]) });
  await read();
  expect(judgeScope(jane, await read())).toBe("in");
  expect(asked).toHaveLength(1);
});

test("an entry that another version remembered is reported and left to it, and Graph's answer counts", async () => {
  const { reader, state, recordedNames } = createTenant();
  await state.commit("scope", [{ type: "insert", row: admins, content: { schema: 2, somethingNew: true } }]);
  expect(judgeScope(jane, await reader()())).toBe("excluded");
  expect(recordedNames()).toContain("rowUnreadable");
  expect((await state.get("scope", admins)).value?.content).toEqual({ schema: 2, somethingNew: true });
});

test("callers who ask while a reading is under way get a later one, which all of them share", async () => {
  const { reader, tenant, asked } = createTenant();
  const read = reader();
  const { promise, resolve } = Promise.withResolvers<void>();
  tenant.delay = () => promise;
  const first = read();
  await Promise.resolve();
  const others = Array.from({ length: 100 }, () => read());
  tenant.members = [jane, "late"];
  resolve();
  await first;
  const scopes = await Promise.all(others);
  expect(scopes.every((scope) => judgeScope("late", scope) === "excluded")).toBe(true);
  expect(asked).toHaveLength(2);
});

describe("a user who comes and goes", () => {
  test("joins an excluded group: exempted from then on, and reported once", async () => {
    const { reader, tenant, goTo, recordedOf } = createTenant();
    const read = reader();
    await read();
    tenant.members = [jane, "late"];
    goTo(start + minute);
    const scope = await read();
    expect(judgeScope("late", scope, start + minute - 1)).toBe("in");
    expect(judgeScope("late", scope, start + minute)).toBe("excluded");
    expect(judgeScope(jane, scope, 0)).toBe("excluded");
    const entered = { groupId: admins, principalId: "late", change: "entered", principals: 1 };
    expect(recordedOf("exemptionsChanged")).toEqual([entered]);
    goTo(start + 3 * minute);
    expect(judgeScope("late", await reader()(), start + minute - 1)).toBe("in");
    expect(recordedOf("exemptionsChanged")).toEqual([entered]);
  });

  test("joins while another writer deletes what was remembered of the group: reported, and exempted no sooner", async () => {
    const { reader, tenant, state, goTo, recordedOf } = createTenant();
    const read = reader();
    await read();
    const [row] = (await state.list("scope", admins)).value;
    await state.commit("scope", [{ type: "delete", row: admins, etag: row?.etag ?? "" }]);
    tenant.members = [jane, "late"];
    goTo(start + minute);
    const scope = await read();
    expect(judgeScope("late", scope, start + minute - 1)).toBe("in");
    expect(judgeScope(jane, scope, 0)).toBe("excluded");
    expect(recordedOf("rowsVanished")).toEqual([{ partition: "scope", row: admins, principals: 2 }]);
    expect(recordedOf("exemptionsChanged")).toHaveLength(1);
    goTo(start + 2 * minute);
    expect(judgeScope("late", await reader()(), start + minute - 1)).toBe("in");
    await read();
    expect(recordedOf("rowsVanished")).toHaveLength(1);
  });

  test("leaves and joins again: counts from the last time", async () => {
    const { reader, tenant, goTo } = createTenant();
    const read = reader();
    await read();
    tenant.members = [];
    await read();
    tenant.members = [jane];
    goTo(start + minute);
    expect(judgeScope(jane, await read(), start)).toBe("in");
  });

  test("leaves an included group: reported, while leaving an excluded one is not", async () => {
    const { reader, tenant, recordedOf } = createTenant();
    const read = reader({ included: new Set([admins]), excluded: new Set([joe]) });
    await read();
    tenant.members = [];
    await read();
    expect(recordedOf("exemptionsChanged")).toEqual([
      { groupId: admins, principalId: jane, change: "left", principals: 1 },
    ]);
  });

  test("twenty of many are named, and how many there were", async () => {
    const { reader, tenant, recordedOf } = createTenant();
    const read = reader();
    await read();
    tenant.members = Array.from({ length: 30 }, (_, n) => `new-${n}`);
    await read();
    expect(recordedOf("exemptionsChanged")).toHaveLength(20);
    expect(recordedOf("exemptionsChanged")[0]).toMatchObject({ principals: 30 });
  });
});

describe("while Graph cannot be asked", () => {
  test("the last known list serves for an hour, in another process too; raised; then nobody is cut", async () => {
    const { reader, tenant, goTo, recordedNames } = createTenant();
    await reader()();
    tenant.failure = unavailable;
    const read = reader();
    goTo(start + 60 * minute);
    const within = await read();
    expect([jane, "ann"].map((id) => judgeScope(id, within))).toEqual(["excluded", "in"]);
    expect(recordedNames()).toEqual(["scopeUnread"]);
    expect(within.problems).toHaveLength(1);
    goTo(start + 61 * minute);
    expect(judgeScope("ann", await read())).toBe("unknown");
    tenant.failure = null;
    goTo(start + 62 * minute);
    expect(judgeScope("ann", await read())).toBe("in");
  });

  test("an unchanged list stays young by being read", async () => {
    const { reader, tenant, goTo } = createTenant();
    const read = reader();
    await read();
    goTo(start + 50 * minute);
    await read();
    tenant.failure = unavailable;
    goTo(start + 100 * minute);
    expect(judgeScope("ann", await read())).toBe("in");
  });

  test("it is not asked again for some seconds: a slow failure must not keep every revoke waiting", async () => {
    const { reader, tenant, asked, goTo } = createTenant();
    tenant.failure = unavailable;
    const read = reader();
    await read();
    goTo(start + 14_000);
    expect(judgeScope(joe, await read())).toBe("excluded");
    expect(asked).toHaveLength(1);
    goTo(start + 15_000);
    await read();
    expect(asked).toHaveLength(2);
  });

  test("an error that is no failure of Graph is thrown, and the next reading works", async () => {
    const { reader, tenant } = createTenant();
    tenant.failure = new TypeError("a bug");
    const read = reader();
    await expect(read()).rejects.toThrow("a bug");
    tenant.failure = null;
    expect(judgeScope(jane, await read())).toBe("excluded");
  });
});
