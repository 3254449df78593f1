import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { QueueClient } from "@azure/storage-queue";
import { describe, it } from "vitest";
import { freePort } from "../../local/stack/free-port.ts";
import { localSecret } from "../../local/stack/start-stack.ts";
import { settingFields } from "../../shared/settings/definitions.ts";
import { heartbeatQueue, signalsQueue, tableNames, webhookQueue } from "../../shared/storage/queue.ts";
import { canaries } from "../fixtures/canaries.ts";
import { alarmsOf } from "./support/alarms.ts";
import { hostileWriter } from "./support/hostile-writer.ts";
import { insightsOf, received } from "./support/insights.ts";
import { startLeakyProxy } from "./support/leaky-proxy.ts";
import { operate } from "./support/operate.ts";
import { activate } from "./support/roles.ts";
import { createRoleGroup, subscriptionsTo } from "./support/watched-group.ts";
import { eventually, type LoggingHost, openWorld } from "./support/world.ts";

const json = { "Content-Type": "application/json" };

/** What betrays a canary, however it was written. */
const nameMark = "Kanarienvogel";
const marks = [
  nameMark,
  "contoso-canary",
  "eyJ",
  canaries.clientState,
  "userPrincipalName",
  "Y2FuYXJ5",
  Buffer.from(canaries.json).toString("base64"),
];

/** The lines of the app itself: the host's own say what Microsoft's would, not what ours do. */
const logOf = ({ log }: LoggingHost) => readFile(log, "utf8");

/** A receiver of notices that refuses all of them, with canaries. */
async function startReceiver() {
  const asked = new Set<string>();
  const server = createServer(({ url = "" }, response) => {
    asked.add(url.startsWith("/emails") ? "mail" : url.endsWith("of-channel-1") ? "of-channel-1" : "webhook");
    response.writeHead(500, json).end(JSON.stringify(canaries));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The receiver has no TCP port.");
  return {
    url: `http://127.0.0.1:${address.port}/${canaries.token}`,
    asked: () => asked,
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Reads are refused, throttled and fail; the one write that matters is refused once; telemetry fails once. */
const statusesOf = (endpoint: string): readonly number[] => {
  if (endpoint.startsWith("POST /v2.1/track")) return [500];
  if (endpoint.includes("/simulator/") || endpoint.includes("/discovery/") || endpoint.includes("openid")) return [];
  if (endpoint.endsWith("revokeSignInSessions")) return [403];
  if (endpoint.endsWith("/directoryAudits")) return [500, 200, 400];
  // A refused pass is tried again only after a minute.
  if (endpoint.endsWith("$batch")) return [500, 429];
  return endpoint.includes("/subscriptions") ? [400] : [400, 429, 500];
};

describe.concurrent("a canary in every path", () => {
  it("is found in no log, no telemetry, no health and no answer; names stand on the page of operators alone", async ({
    expect,
  }) => {
    await using world = await openWorld("canaries");
    const { control, tenant, sealed, storage, connectionString } = world;
    await using proxy = await startLeakyProxy(tenant.url, statusesOf);
    using receiver = await startReceiver();
    const port = await freePort();
    const identity = new URL(tenant.identity.IDENTITY_ENDPOINT);
    const host = await world.startHost(
      {
        ...insightsOf({ tenant: { ...tenant, url: proxy.url } }),
        IDENTITY_ENDPOINT: `${proxy.url}${identity.pathname}${identity.search}`,
        NOTIFICATION_BASE_URL: `http://127.0.0.1:${port}`,
        NOTIFY_WEBHOOK_URL: receiver.url,
        NOTIFY_WEBHOOK_SECRET: `${canaries.webhookSecret}==`,
        NOTIFY_1_FORMAT: "teams",
        NOTIFY_1_URL: `${receiver.url}/of-channel-1`,
        NOTIFY_2_FORMAT: "mail",
        NOTIFY_2_TO: canaries.mail,
        NOTIFY_MAIL_ENDPOINT: new URL(receiver.url).origin,
        NOTIFY_MAIL_SENDER: canaries.mail,
        SHOW_JUSTIFICATION: "true",
        AUDIT_EVENTHUB_NAME: "insights-logs-auditlogs",
        AUDIT_EVENTHUB__fullyQualifiedNamespace: "pimcutoff.servicebus.windows.net",
        ENFORCED_ROLES: `User Administrator, ${canaries.name.replaceAll(",", "")}`,
      },
      proxy,
      port,
    );
    const alarmed = (event: string, over: object = {}) =>
      eventually(async () => expect(await alarmsOf(host)).toContainEqual(expect.objectContaining({ event, ...over })));

    // Graph, people whose names are canaries, and a group that is subscribed to.
    const { id: userId } = await control.createUser({ name: canaries.name });
    const { groupId } = await createRoleGroup(world, 1);
    await activate(control, {
      userId,
      seconds: 40,
      form: { justification: canaries.name, ticketNumber: canaries.mail },
    });
    await world.awaitHoldings(userId);
    const broken = await activate(control, { seconds: 3600 });
    await world.awaitHoldings(broken.userId);

    // Rows: of a shape that nobody knows, and of somebody else's.
    const content = { schema: 1, ...canaries, [canaries.mail]: canaries, unknown: { [canaries.mail]: "x" } };
    await sealed.principals.commit(broken.userId, [{ type: "upsert", row: "head", content }]);
    const attacker = hostileWriter(storage.table(tableNames.principals));
    await attacker.put(userId, `holding|${canaries.mail}`, { schema: 1, ...canaries });
    await attacker.put(userId, `revocation|${canaries.clientState}`, { schema: 1, ...canaries });

    // Messages, of every queue and of its poison.
    const messages = [
      canaries.json,
      canaries.name,
      JSON.stringify({ v: 2, kind: "principal", ...canaries, principalId: canaries.mail }),
    ];
    for (const name of [
      signalsQueue,
      heartbeatQueue,
      webhookQueue,
      `${signalsQueue}-poison`,
      `${webhookQueue}-poison`,
    ]) {
      const queue = new QueueClient(connectionString, name);
      await queue.createIfNotExists();
      for (const text of messages) await queue.sendMessage(Buffer.from(text).toString("base64"));
    }
    const poison = new QueueClient(connectionString, `${signalsQueue}-poison`);
    const aboutBroken = JSON.stringify({
      v: 2,
      kind: "principal",
      principalId: broken.userId,
      because: "resync",
      tries: 0,
    });
    await poison.sendMessage(Buffer.from(aboutBroken).toString("base64"));

    // Notifications.
    const [subscription] = await eventually(async () => {
      const found = await subscriptionsTo(world, groupId);
      expect(found).toHaveLength(1);
      return found;
    });
    const answers: string[] = [];
    const post = async (path: string, body: string, headers: Readonly<Record<string, string>> = json) => {
      const response = await fetch(`${host.url}/api/${path}`, { method: "POST", headers, body });
      answers.push(await response.text());
    };
    const item = { subscriptionId: subscription?.id, clientState: canaries.clientState, resource: canaries.mail };
    for (const path of ["graph/notifications", "graph/lifecycle"]) {
      await post(path, JSON.stringify({ value: [{ ...item, ...canaries, resourceData: canaries }] }));
      await post(path, JSON.stringify({ value: [canaries], validationTokens: [canaries.token] }));
      await post(path, canaries.json);
      await post(path, canaries.name, { "Content-Type": "text/plain" });
    }

    // Records of the audit stream.
    const records = [
      canaries,
      { category: "AuditLogs", properties: { [canaries.mail]: canaries }, ...canaries },
      canaries.json,
    ];
    await fetch(`${host.url}/admin/functions/directoryAuditStream`, {
      method: "POST",
      headers: { ...json, "x-functions-key": host.masterKey },
      body: JSON.stringify({ input: JSON.stringify([{ records }, canaries.json, canaries.name]) }),
    });

    // Operators: strangers, bad orders, and a good one whose reason names somebody.
    const key = { ...json, "x-functions-key": host.functionKey };
    const bearer = { ...key, authorization: `Bearer ${await host.operatorToken()}` };
    await post("operations/stop", JSON.stringify({ reason: canaries.name }), key);
    await post("operations/stop", "{}", { ...key, authorization: `Bearer ${canaries.token}` });
    await post("operations/stop", "{}", {
      ...key,
      "x-ms-client-principal": Buffer.from(canaries.json).toString("base64"),
    });
    await post(`operations/${encodeURIComponent(canaries.mail)}`, "{}", bearer);
    for (const body of [canaries.json, canaries.name, JSON.stringify({ reason: "", [canaries.mail]: canaries.json })]) {
      await post("operations/release", body, bearer);
      await post("operations/release", JSON.stringify({ reason: "x", principalId: body }), bearer);
    }
    await operate(host, "review", { reason: `${canaries.name} asked, ${canaries.mail}` });

    // Each has arrived, and was reported in its way.
    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked" }]);
    await alarmed("resyncRefused");
    await alarmed("revokeRefused", { principalId: userId });
    await alarmed("rowUnreadable", { principalId: broken.userId });
    await alarmed("rowForged", { partition: userId });
    await alarmed("deadLetter", { code: "SIGNAL_UNREADABLE" });
    await alarmed("deadLetter", { code: "NOTICE_UNREADABLE" });
    await alarmed("deadLetter", { code: "STORAGE_ROW_UNREADABLE", principalId: broken.userId });
    await alarmed("auditRowsUnreadable", { source: "stream" });
    await alarmed("auditRowsUnreadable", { source: "catchUp" });
    await alarmed("settingProblem");
    await eventually(async () => {
      const log = await logOf(host);
      for (const code of ["SIGNAL_UNREADABLE: A message", "HEARTBEAT_UNREADABLE", "NOTICE_UNREADABLE: A message"]) {
        expect({ code, recorded: log.includes(code) }).toEqual({ code, recorded: true });
      }
    });
    await eventually(async () => expect(receiver.asked()).toEqual(new Set(["webhook", "of-channel-1", "mail"])));
    expect([...proxy.leaked.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(15);

    const ask = async (path: string, accept: string) => {
      const response = await fetch(`${host.url}/api/${path}`, { headers: { ...bearer, accept } });
      return `${response.status} ${[...response.headers].join("\n")} ${await response.text()}`;
    };
    answers.push(await ask("live", "*/*"));
    const page = `${await ask("status", "application/json")} ${await ask("status", "text/html")}`;
    expect(page).toContain(nameMark);
    const health = await ask("health", "*/*");
    expect(health).toContain("STORAGE_ROW_UNREADABLE");
    const states = (await control.subscriptions()).flatMap(({ clientState }) => clientState ?? []);
    await host.stop();
    const telemetry = await received(world);
    const recorded = new Set(telemetry.events.map(({ name }) => name));
    for (const name of ["notificationsRejected", "operatorRefused", "notifyFailed", "operated", "outcome"]) {
      expect(recorded).toContain(name);
    }
    const secrets = [localSecret, /AccountKey=([^;]+)/.exec(connectionString)?.[1] ?? "", ...states];
    const keys = [host.masterKey, host.functionKey, tenant.identity.IDENTITY_HEADER];
    const outputs = { log: await logOf(host), telemetry: telemetry.text, health, page, answers: answers.join("\n") };
    for (const [output, text] of Object.entries(outputs)) {
      for (const mark of [...marks, ...secrets, ...keys]) {
        // Operators see names: there, and nowhere else.
        if (output === "page" && mark === nameMark) continue;
        expect({ output, mark, around: around(text, mark) }).toEqual({ output, mark, around: null });
      }
    }
  });

  it("in any app setting, and in the storage that refuses the app, is found in no log", async ({ expect }) => {
    await using world = await openWorld("badcanaries");
    const wrongKey = /AccountKey=([^;]+)/.exec(canaries.connectionString)?.[1] ?? "";
    const refused = world.connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${wrongKey}`);
    const logs = [];
    for (const canary of Object.values(canaries)) {
      const settings = Object.fromEntries(Object.keys(settingFields).map((name) => [name, canary]));
      const { AzureWebJobsStorage: _, ...others } = settings;
      const host = await world.startHost(others);
      await host.stop();
      logs.push(await logOf(host));
      expect(logs.at(-1)).toContain("problems with the app settings");
    }
    const host = await world.startHost({ AzureWebJobsStorage: refused });
    await fetch(`${host.url}/admin/functions/resync`, {
      method: "POST",
      headers: { ...json, "x-functions-key": host.masterKey },
      body: "{}",
    });
    await eventually(async () => expect((await logOf(host)).includes("STORAGE_REFUSED: Storage refuses")).toBe(true));
    const health = await fetch(`${host.url}/api/health`, { headers: { "x-functions-key": host.functionKey } });
    logs.push(await logOf(host), await health.text());
    for (const text of logs) {
      for (const mark of marks) expect({ mark, around: around(text, mark) }).toEqual({ mark, around: null });
    }
  });
});

/** Where something is, for whoever has to find out how it got there; null when it is nowhere. */
function around(text: string, mark: string): string | null {
  const at = text.indexOf(mark);
  return at < 0 ? null : text.slice(Math.max(0, at - 300), at + 100);
}
