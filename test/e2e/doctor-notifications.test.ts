import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { freePort } from "../../local/stack/free-port.ts";
import { localSecret } from "../../local/stack/start-stack.ts";
import { systemClock } from "../../shared/base/clock.ts";
import { createCredential } from "../../shared/base/credential.ts";
import { createGraph } from "../../shared/graph/create-graph.ts";
import { neededPermissions } from "../../shared/graph/permissions.ts";
import { endpointsAt } from "../../shared/notifications/create-and-renew.ts";
import { examine } from "../../tools/doctor/examine.ts";
import { expiredCertificate } from "../fixtures/expired-certificate.ts";
import { startReachableHost } from "./support/reachable-host.ts";
import { createRoleGroup, subscribed } from "./support/watched-group.ts";
import { type LoggingHost, openWorld, type World } from "./support/world.ts";

// A running app that Graph notifies of changes, and then everything that may stand between the two.
let world: World;
let host: LoggingHost;
let group: Awaited<ReturnType<typeof createRoleGroup>>;
let healthy: Readonly<Record<string, string>>;

beforeAll(async () => {
  world = await openWorld("doctorsnotified");
  const { control } = world;
  await control.changeSettings({
    notifications: { delayMs: 0 },
    permissionsApplyAtOnce: true,
    permissions: [
      ...neededPermissions({ revoking: true, groups: true, subscriptions: true }).map(({ name }) => name),
      "GroupMember.ReadWrite.All",
    ],
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

  test("leaves alone who is a member already, and a group that is not watched", async () => {
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

/** Stands where Graph sends to. */
async function answering(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
};

/** Answers a validation as Graph wants it. */
const validates: RequestListener = ({ url = "" }, response) => {
  const token = new URL(url, "http://127.0.0.1").searchParams.get("validationToken");
  response.writeHead(200, { "Content-Type": "text/plain" }).end(token);
};

describe("between Graph and the app", () => {
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

  test("the name is not in the DNS", async () => {
    // Longer than a label may be, so that nobody has to be asked.
    const name = `${"a".repeat(64)}.example`;
    const [first] = await found("endpoint", { NOTIFICATION_BASE_URL: `https://${name}` });
    expect(first).toMatchObject({
      state: "bad",
      what: expect.stringContaining("DNS"),
      fix: `Check NOTIFICATION_BASE_URL: nslookup ${name}`,
    });
  });

  test("the certificate has expired", async () => {
    const server = createTlsServer(expiredCertificate(), validates).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = `127.0.0.1:${portOf(server)}`;
    const findings = await found("endpoint", { NOTIFICATION_BASE_URL: `https://${address}` });
    server.close();
    expect(findings[0]).toMatchObject({
      state: "bad",
      what: expect.stringContaining("CERT_HAS_EXPIRED"),
      fix: expect.stringContaining(`openssl s_client -connect ${address} -servername 127.0.0.1`),
    });
  });

  test("it answers more slowly than Graph waits for a delivery", async () => {
    const server = await answering((request, response) => void setTimeout(() => validates(request, response), 3100));
    const findings = await found("endpoint", { NOTIFICATION_BASE_URL: `http://127.0.0.1:${portOf(server)}` });
    server.close();
    expect(findings).toMatchObject([
      { state: "warning", fix: expect.stringContaining("alwaysReady") },
      { state: "warning", why: expect.stringContaining("three seconds") },
    ]);
  });
});

test("Graph's quota of subscriptions is used up by what is there", async () => {
  const { control } = world;
  await control.changeSettings({ notifications: { subscriptionsPerApp: (await control.subscriptions()).length } });
  const more = await createRoleGroup(world, 1);
  await vi.waitFor(
    async () =>
      expect(await found("subscriptions")).toContainEqual(
        expect.objectContaining({
          state: "bad",
          what: expect.stringMatching(`${more.groupId}/members: there is none: Forbidden\\. .*quota of subscriptions`),
          fix: expect.stringContaining("quota"),
        }),
      ),
    { timeout: 120_000, interval: 500 },
  );
});

test("subscriptions that nobody has a record of send to the app, and others elsewhere", async () => {
  await world.control.changeSettings({ notifications: { subscriptionsPerApp: 100 } });
  const graph = createGraph({
    baseUrl: world.tenant.url,
    scope: "https://graph.microsoft.com/.default",
    credential: createCredential({ kind: "managedIdentity" }),
    fetch: globalThis.fetch,
    clock: systemClock,
    random: Math.random,
  });
  // To the running app both are somebody else's, so it leaves them alone; the doctor takes the first for the app's own address.
  const [ours, elsewhere] = [await answering(validates), await answering(validates)];
  const subscribe = async (resource: string, server: Server) => {
    const { notificationUrl, lifecycleUrl } = endpointsAt(`http://127.0.0.1:${portOf(server)}`);
    const clientState = "nobody's";
    const sent = {
      changeType: "updated",
      notificationUrl,
      lifecycleUrl,
      clientState,
      expiresAt: Date.now() + 86_400_000,
    };
    expect(await graph.createSubscription({ resource, ...sent })).toMatchObject({ kind: "created" });
  };
  await subscribe(`groups/${group.groupId}`, ours);
  await subscribe("users", elsewhere);
  await subscribe("groups", elsewhere);
  const findings = await found("subscriptions", { NOTIFICATION_BASE_URL: `http://127.0.0.1:${portOf(ours)}` });
  for (const server of [ours, elsewhere]) server.close();
  expect(findings).toContainEqual(
    expect.objectContaining({ state: "warning", what: "1 subscriptions send to this app without a record of it." }),
  );
  expect(findings).toContainEqual(
    expect.objectContaining({
      state: "warning",
      what: "2 subscriptions of this identity send elsewhere.",
      fix: expect.stringContaining("each deployment its own"),
    }),
  );
});

test("Graph has lost a subscription, and another address is meant", async () => {
  // Nobody mends what the doctor is to find.
  await host.stop();
  const other = await found("subscriptions", { NOTIFICATION_BASE_URL: "http://127.0.0.1:9" });
  expect(other).toContainEqual(expect.objectContaining({ state: "bad", what: expect.stringContaining("sends to") }));
  const [subscription] = await world.control.subscriptions();
  await world.control.loseSubscription(subscription?.id ?? "");
  expect(await found("subscriptions")).toContainEqual(
    expect.objectContaining({ state: "bad", what: expect.stringContaining("does not know") }),
  );
});
