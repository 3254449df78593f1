import { describe, expect, test } from "vitest";
import { deriveKeys } from "../../../shared/base/keys.ts";
import { GraphPermanentError, GraphRetryableError } from "../../../shared/graph/errors.ts";
import { clientState } from "../../../shared/notifications/authenticate.ts";
import { endpointsAt } from "../../../shared/notifications/create-and-renew.ts";
import { keepSubscriptions, subscribeToNew } from "../../../shared/notifications/keep-subscriptions.ts";
import { subscriptionHealth } from "../../../shared/notifications/source-health.ts";
import { loadSubscriptions, refusalReason } from "../../../shared/notifications/subscription-record.ts";
import type { Table } from "../../../shared/storage/table.ts";
import { admins } from "../../fixtures/group-world.ts";
import { at } from "../../fixtures/principal-builders.ts";
import { createKeeperWorld, endpoints, tenantId } from "../../fixtures/subscriptions.ts";

const members = `groups/${admins}/members`;
const probes = ["roleManagement/directory/roleAssignmentScheduleInstances", "auditLogs/directoryAudits"];
const notOffered = { status: 400, code: "InvalidRequest" };
const healthOf = (state: Table, source: string) => subscriptionHealth(state)[source]?.();
const isProbe = (resource: string) => resource !== members;

/** A world that watches one group, kept once, in which Graph offers no probe. */
async function createKeptWorld() {
  const world = createKeeperWorld();
  world.graphSays.refuses = (resource) => (isProbe(resource) ? notOffered : undefined);
  await world.pass();
  await keepSubscriptions(world.keeper);
  const keepAt = async (seconds: number, keeper = world.keeper) => {
    world.goTo(at(seconds));
    world.calls.length = 0;
    await keepSubscriptions(keeper);
    return world.calls.filter((call) => !probes.some((probe) => call.endsWith(probe)));
  };
  const stored = async () => (await loadSubscriptions(world.state)).get(members);
  const only = () => [...world.existing.values()];
  return { ...world, keepAt, stored, only };
}

test("how long each subscription still has is measured with every run", async () => {
  const { keepAt, keeper } = await createKeptWorld();
  const measured: unknown[] = [];
  const telemetry = { ...keeper.telemetry, measure: (...measurement: unknown[]) => void measured.push(measurement) };
  await keepAt(600, { ...keeper, telemetry });
  expect(measured).toEqual([["subscriptionLeft", expect.any(Number), { source: "groups" }]]);
});

describe("the first run", () => {
  test("creates what is wanted, warm, with a client state of its own, and enqueues a pass for the group", async () => {
    const { only, stored, warmed, keeper, queue } = await createKeptWorld();
    const record = await stored();
    expect(only()).toMatchObject([{ resource: members, ...endpoints }]);
    expect(record).toMatchObject({ id: only()[0]?.id, tenantId, failure: null });
    expect(only()[0]?.clientState).toBe(clientState(keeper.keys.current, record ?? { resource: "", nonce: "" }));
    expect(warmed[0]).toBe(endpoints.notificationUrl);
    expect(queue.receive(9, 1000).map(({ content }) => content)).toContainEqual(
      expect.objectContaining({ principalId: admins }),
    );
  });

  test("asks for the probes all the same, and records the refusal by Graph's code, in our words", async () => {
    const { state, recordedOf } = await createKeptWorld();
    expect(await healthOf(state, "groupNotifications")).toMatchObject({ state: "unproven" });
    expect(await healthOf(state, "roleInstanceNotifications")).toMatchObject({
      state: "unsupported",
      detail: `${notOffered.code}: ${refusalReason(400)}`,
    });
    expect(recordedOf("subscriptionUnsupported")).toHaveLength(2);
  });
});

test("Graph's subscriptions to our address prove an earlier run: that the tables were emptied is raised once", async () => {
  const { keepAt, state, only, recordedOf } = await createKeptWorld();
  await keepAt(60);
  expect(recordedOf("rowsVanished")).toEqual([]);
  const { value } = await state.list("subscriptions");
  await state.commit(
    "subscriptions",
    value.map(({ row, etag }) => ({ type: "delete", row, etag })),
  );
  await keepAt(120);
  await keepAt(180);
  expect(recordedOf("rowsVanished")).toEqual([{ partition: "subscriptions", count: 1 }]);
  expect(only()).toHaveLength(1);
});

test("two instances: one of them keeps, the other has nothing to do", async () => {
  const world = createKeeperWorld();
  await world.pass();
  await Promise.all([keepSubscriptions(world.keeper), keepSubscriptions(world.keeper)]);
  expect(world.calls.filter((call) => call === `create ${members}`)).toHaveLength(1);
});

test("not more often than every half minute, unless Graph asked", async () => {
  const { keepAt, keeper, existing, calls, goTo } = await createKeptWorld();
  existing.clear();
  expect(await keepAt(29)).toEqual([]);
  goTo(at(150));
  const lost = "00000000-0000-4000-8000-000000000001";
  expect(await keepSubscriptions(keeper, new Set([lost]))).toBe(true);
  expect(calls.filter((call) => call.startsWith("renew"))).toEqual([`renew ${lost}`]);
});

describe("a group that was just seen for the first time", () => {
  const other = "9d0c1b2a-0000-4000-8000-0000000000ff";

  test("is subscribed to at once, though it is not the keeper's turn", async () => {
    const world = createKeeperWorld();
    await keepSubscriptions(world.keeper);
    await world.pass();
    expect(await subscribeToNew(admins, world.keeper)).toBe(true);
    expect([...world.existing.values()].map(({ resource }) => resource)).toContain(members);
  });

  test.each([
    ["that has a record", {}, admins],
    ["while there are no subscriptions", { endpoints: null }, other],
  ])("%s asks Graph nothing", async (_, over, groupId) => {
    const { keeper, calls, goTo } = await createKeptWorld();
    goTo(at(5));
    calls.length = 0;
    expect(await subscribeToNew(groupId, { ...keeper, ...over })).toBe(true);
    expect(calls).toEqual([]);
  });

  test("asks again while another instance keeps them", async () => {
    const { keeper } = await createKeptWorld();
    const both = [subscribeToNew(other, keeper), subscribeToNew(other, keeper)];
    expect((await Promise.all(both)).toSorted()).toEqual([false, true]);
  });
});

test("a month: it is renewed again and again and never expires", async () => {
  const { keepAt, only } = await createKeptWorld();
  const [first] = only();
  for (let hour = 1; hour <= 31 * 24; hour += 1) {
    await keepAt(hour * 3600);
    expect(only()[0]?.expiresAt).toBeGreaterThan(at(hour * 3600 + 28 * 86_400));
    expect(only()[0]?.expiresAt).toBeLessThanOrEqual(at(hour * 3600 + 41_760 * 60));
  }
  expect(only()).toMatchObject([{ id: first?.id }]);
});

test("a lost one is created anew", async () => {
  const { keepAt, existing, only, recordedOf } = await createKeptWorld();
  const [lost] = only();
  existing.clear();
  expect(await keepAt(180)).toEqual([`renew ${lost?.id}`, `create ${members}`]);
  expect(recordedOf("subscriptionLost")).toHaveLength(1);
  expect(only()).toHaveLength(1);
});

test("another address, and another secret: it is replaced, and what is not ours stays", async () => {
  const { keepAt, keeper, existing, only } = await createKeptWorld();
  const foreign = { resource: "users/1", notificationUrl: "https://other.example/x", expiresAt: at(86_400) };
  existing.set("foreign", { ...foreign, id: "foreign", applicationId: null });
  const moved = { ...keeper, endpoints: endpointsAt("https://new.example") };
  expect(await keepAt(60, moved)).toEqual([`delete ${members}`, `create ${members}`]);
  const keys = deriveKeys({ current: "another secret of thirty-two chars", previous: null }, "client-state");
  expect(await keepAt(120, { ...moved, keys })).toEqual([`delete ${members}`, `create ${members}`]);
  expect(await keepAt(180, { ...moved, keys })).toEqual([]);
  expect(only().map(({ notificationUrl }) => notificationUrl)).toEqual([
    "https://other.example/x",
    "https://new.example/api/graph/notifications",
  ]);
});

test("switched off: ours go, the others stay", async () => {
  const { keepAt, keeper, existing, stored } = await createKeptWorld();
  const foreign = { resource: "users/1", notificationUrl: "https://other.example/x", expiresAt: at(86_400) };
  existing.set("foreign", { ...foreign, id: "foreign", applicationId: null });
  await keepAt(60, { ...keeper, endpoints: null });
  expect([...existing.keys()]).toEqual(["foreign"]);
  expect(await stored()).toBeUndefined();
});

describe("a conflict", () => {
  test("with a stray of ours: it goes, and ours is created", async () => {
    const world = createKeeperWorld();
    await world.pass();
    const { notificationUrl } = endpoints;
    const stray = { resource: members.toUpperCase(), notificationUrl, expiresAt: at(86_400), applicationId: null };
    // The first list does not show it yet.
    let lists = 0;
    const { listSubscriptions } = world.keeper.graph;
    world.existing.set("stray", { ...stray, id: "stray" });
    const graph = {
      ...world.keeper.graph,
      listSubscriptions: async () => {
        lists += 1;
        const answer = await listSubscriptions();
        return lists === 1 ? { ...answer, value: [] } : answer;
      },
    };
    world.graphSays.refuses = (resource) =>
      resource === members && world.existing.has("stray") ? { status: 409, code: "Conflict" } : undefined;
    await keepSubscriptions({ ...world.keeper, graph });
    expect(world.existing.has("stray")).toBe(false);
    expect([...world.existing.values()].map(({ resource }) => resource)).toContain(members);
  });

  test("with another deployment's: that one stays, and one alarm is raised", async () => {
    const world = createKeeperWorld();
    await world.pass();
    const theirs = { resource: members, notificationUrl: "https://other.example/x", expiresAt: at(86_400) };
    world.existing.set("theirs", { ...theirs, id: "theirs", applicationId: null });
    await keepSubscriptions(world.keeper);
    world.goTo(at(90));
    await keepSubscriptions(world.keeper);
    expect(world.existing.has("theirs")).toBe(true);
    expect(world.recordedOf("subscriptionRefused")).toMatchObject([{ resource: members, status: 409 }]);
  });
});

describe("what fails", () => {
  test("in validation is tried again at once, warm, and then with growing pauses", async () => {
    const world = createKeeperWorld();
    await world.pass();
    world.graphSays.refuses = () => ({ status: 400, code: "ValidationError" });
    const triesAt = async (seconds: number) => {
      world.goTo(at(seconds));
      world.calls.length = 0;
      await keepSubscriptions(world.keeper);
      return world.calls.filter((call) => call === `create ${members}`).length;
    };
    expect(await triesAt(0)).toBe(2);
    expect(world.warmed.length).toBeGreaterThan(1);
    expect([await triesAt(31), await triesAt(62), await triesAt(150), await triesAt(190)]).toEqual([0, 2, 0, 2]);
    expect(await healthOf(world.state, "groupNotifications")).toMatchObject({ state: "failing" });
  });

  test("for want of a permission or of room stops the others of its kind in this run", async () => {
    const world = createKeeperWorld();
    world.shown.members.set("9d0c1b2a-0000-4000-8000-0000000000aa", []);
    await world.pass();
    await world.pass("9d0c1b2a-0000-4000-8000-0000000000aa");
    world.graphSays.refuses = () => ({ status: 403, code: "Forbidden" });
    await keepSubscriptions(world.keeper);
    expect(world.calls.filter((call) => call.includes("groups/"))).toHaveLength(1);
    expect(world.calls).toHaveLength(3);
    expect(world.recordedOf("subscriptionRefused")).toMatchObject([{ code: "Forbidden", status: 403 }]);
  });

  test("because Graph is away is recorded and comes later", async () => {
    const { keepAt, graphSays, existing, recordedOf } = await createKeptWorld();
    existing.clear();
    const away = new GraphRetryableError("Away.", { code: "timeout", reason: "unavailable" });
    graphSays.refuses = () => away;
    expect(await keepAt(180)).toHaveLength(2);
    expect(recordedOf("subscriptionFailed").length).toBeGreaterThan(0);
    graphSays.refuses = () => undefined;
    expect(await keepAt(245)).toEqual([`create ${members}`]);
    graphSays.listError = away;
    expect(await keepAt(300)).toEqual([]);
    expect(recordedOf("subscriptionsUnkept")).toHaveLength(1);
  });
});

test("a probe that Graph takes one day is used with no release", async () => {
  const { keepAt, graphSays, existing, state } = await createKeptWorld();
  graphSays.refuses = () => undefined;
  await keepAt(23 * 3600);
  expect(existing.size).toBe(1);
  await keepAt(24 * 3600);
  expect(existing.size).toBe(3);
  expect(await healthOf(state, "directoryAuditNotifications")).toMatchObject({ state: "unproven" });
});

test("a subscription that Graph does not let us delete is reported, and stops nothing else", async () => {
  const world = createKeeperWorld();
  await world.pass();
  const stray = { resource: "users/1", notificationUrl: endpoints.notificationUrl, expiresAt: at(86_400) };
  world.existing.set("stray", { ...stray, id: "stray", applicationId: null });
  const deleteSubscription = async () => {
    throw new GraphPermanentError("No.", { code: "Forbidden", status: 403 });
  };
  await keepSubscriptions({ ...world.keeper, graph: { ...world.keeper.graph, deleteSubscription } });
  expect(world.recordedOf("subscriptionsRefused")).toMatchObject([{ code: "Forbidden" }]);
  expect(world.calls).toContain(`create ${members}`);
});
