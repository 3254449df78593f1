import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { localSecret } from "../../local/stack/start-stack.ts";
import { examine } from "../../shared/doctor/examine.ts";
import { permissions } from "../../shared/graph/permissions.ts";
import { freePort, startReachableHost } from "./support/reachable-host.ts";
import { createRoleGroup, subscribed } from "./support/watched-group.ts";
import { type LoggingHost, openWorld, type World } from "./support/world.ts";

// A running app that Graph tells of changes, and then everything that may stand between the two.
let world: World;
let host: LoggingHost;
let group: Awaited<ReturnType<typeof createRoleGroup>>;
let healthy: Readonly<Record<string, string>>;

beforeAll(async () => {
  world = await openWorld("doctorstold");
  const { control } = world;
  await control.changeSettings({
    notifications: { delayMs: 0 },
    permissionsApplyAtOnce: true,
    permissions: [...permissions.map(({ name }) => name), "GroupMember.ReadWrite.All"],
    quotas: { reportsPer10Seconds: 1000 },
  });
  for (const [name, value] of Object.entries(world.tenant.identity)) vi.stubEnv(name, value);
  const port = await freePort();
  host = await startReachableHost(world, port);
  group = await createRoleGroup(world, 1);
  await subscribed(world, group);
  healthy = {
    CUTOFF_MODE: "enforce",
    INCLUDED_PRINCIPALS: "all",
    CUTOFF_SECRET: localSecret,
    GRAPH_ENDPOINT: world.tenant.url,
    AzureWebJobsStorage: world.connectionString,
    NOTIFICATION_BASE_URL: `http://127.0.0.1:${port}`,
  };
}, 180_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await world[Symbol.asyncDispose]();
});

const found = async (check: string, over: Readonly<Record<string, string>> = {}) =>
  (await examine({ ...healthy, ...over })).filter((finding) => finding.check === check);

test("the addresses answer as Graph wants it; what was only accepted is not proven, and the doctor says how to", async () => {
  expect(await found("endpoint")).toMatchObject([{ state: "good" }, { state: "good" }]);
  const subscriptions = await found("subscriptions");
  expect(subscriptions.map(({ state }) => state).toSorted()).toEqual(["good", "good", "unknown"]);
  expect(subscriptions).toContainEqual(
    expect.objectContaining({
      state: "unknown",
      what: expect.stringContaining(group.groupId),
      fix: expect.stringContaining("--canary GROUP --member USER"),
    }),
  );
});

describe("a canary", () => {
  const canary = async (groupId: string, userId: string) =>
    (await examine(healthy, { canary: { groupId, userId } })).filter(({ check }) => check === "canary");

  test("proves the way of a notification, and leaves the group as it was", async () => {
    const { id } = await world.control.createUser({ name: "Canary" });
    expect(await canary(group.groupId, id)).toMatchObject([
      { state: "good", what: expect.stringContaining("Adding") },
      { state: "good", what: expect.stringContaining("Removing") },
    ]);
    const history = await world.control.history();
    expect(history.filter((event) => event.event === "groupMemberAdded" && event.memberId === id)).toHaveLength(1);
    expect(history.some((event) => event.event === "groupMemberRemoved" && event.memberId === id)).toBe(true);
    expect((await found("subscriptions")).map(({ state }) => state)).toEqual(["good", "good", "good"]);
  });

  test("leaves alone who is a member already, and a group that nobody watches", async () => {
    const [member = ""] = group.users;
    expect(await canary(group.groupId, member)).toMatchObject([
      { state: "bad", fix: expect.stringContaining("not a member") },
    ]);
    const { id: stranger } = await world.control.createGroup({ name: "Book club" });
    expect(await canary(stranger, member)).toMatchObject([
      { state: "bad", fix: expect.stringContaining("WATCHED_GROUPS") },
    ]);
    const removed = (await world.control.history()).filter((event) => event.event === "groupMemberRemoved");
    expect(removed.some((event) => event.event === "groupMemberRemoved" && event.memberId === member)).toBe(false);
  });
});

describe("between Graph and the app", () => {
  const answering = async (listener: RequestListener): Promise<Server> => {
    const server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    return server;
  };
  const portOf = (server: Server): number => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  };

  test.each<[string, RequestListener, string]>([
    ["App Service authentication is on", (_, response) => void response.writeHead(401).end(), "az webapp auth"],
    ["access restrictions", (_, response) => void response.writeHead(403).end(), "access-restriction"],
    ["another app answers", (_, response) => void response.writeHead(404).end(), "api/live"],
    ["the app does not start", (_, response) => void response.writeHead(503).end(), "api/live"],
    [
      "a proxy does not decode the token",
      (request, response) =>
        void response.writeHead(200, { "Content-Type": "text/plain" }).end(request.url?.split("validationToken=")[1]),
      "changes the answer",
    ],
  ])("%s", async (_, listener, fix) => {
    const server = await answering(listener);
    const findings = await found("endpoint", { NOTIFICATION_BASE_URL: `http://127.0.0.1:${portOf(server)}` });
    server.close();
    expect(findings).toMatchObject([
      { state: "bad", fix: expect.stringContaining(fix) },
      { state: "bad", fix: expect.stringContaining(fix) },
    ]);
  });

  test("nothing listens, and what listens does not speak TLS", async () => {
    const nobody = await found("endpoint", { NOTIFICATION_BASE_URL: `http://127.0.0.1:${await freePort()}` });
    expect(nobody[0]).toMatchObject({ state: "bad", fix: expect.stringContaining("curl") });
    const server = await answering((_, response) => void response.end());
    const plain = await found("endpoint", { NOTIFICATION_BASE_URL: `https://127.0.0.1:${portOf(server)}` });
    server.close();
    expect(plain[0]).toMatchObject({ state: "bad", fix: expect.stringContaining("openssl s_client") });
  });
});

test("Graph has lost a subscription, and another address is meant", async () => {
  await host.stop();
  const other = await found("subscriptions", { NOTIFICATION_BASE_URL: "http://127.0.0.1:9" });
  expect(other).toContainEqual(expect.objectContaining({ state: "bad", what: expect.stringContaining("sends to") }));
  const [subscription] = await world.control.subscriptions();
  await world.control.loseSubscription(subscription?.id ?? "");
  expect(await found("subscriptions")).toContainEqual(
    expect.objectContaining({ state: "bad", what: expect.stringContaining("does not know") }),
  );
});
