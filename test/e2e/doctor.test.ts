import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { localSecret } from "../../local/stack/start-stack.ts";
import { noteStream } from "../../shared/audit-log/stream.ts";
import { systemClock } from "../../shared/base/clock.ts";
import { createControlStore } from "../../shared/enforcement/stop-and-resume.ts";
import { neededPermissions } from "../../shared/graph/permissions.ts";
import { quota } from "../../shared/notifications/plan.ts";
import { forgetSubscription, saveSubscription } from "../../shared/notifications/subscription-record.ts";
import { parkDeadLetter } from "../../shared/operators/pending.ts";
import { loadResync, type ResyncRecord } from "../../shared/reconcile/resync.ts";
import { checkSeal } from "../../shared/storage/seal.ts";
import { silentTelemetry } from "../../shared/telemetry/telemetry.ts";
import { examine } from "../../tools/doctor/examine.ts";
import { aSubscription } from "../fixtures/subscriptions.ts";
import { temporaryFile } from "../fixtures/temporary-file.ts";
import { revokesOf } from "./support/history.ts";
import { laterSecret, openWorld, type World } from "./support/world.ts";

// One deployment after the other, each broken in one way. What the doctor must say is written down here, not read off what it said.
let world: World;
let healthy: Readonly<Record<string, string>>;
const state = () => world.sealed.state;

beforeAll(async () => {
  world = await openWorld("doctor");
  await world.control.changeSettings({
    permissions: neededPermissions({ revoking: true, groups: true, subscriptions: false }).map(({ name }) => name),
    permissionsApplyAtOnce: true,
    // So short that no token is kept for the next patient.
    appTokenSeconds: 60,
    // One patient after the other, in seconds: of the audit log's quota there is no more than five reads in ten.
    quotas: { reportsPer10Seconds: 1000 },
  });
  for (const [name, value] of Object.entries(world.tenant.identity)) vi.stubEnv(name, value);
  healthy = {
    CUTOFF_MODE: "enforce",
    GRAPH_SUBSCRIPTIONS: "off",
    INCLUDED_PRINCIPALS: "all",
    EXCLUDED_PRINCIPALS: (await world.control.createUser({ name: "Emergency access" })).id,
    CUTOFF_SECRET: localSecret,
    GRAPH_ENDPOINT: world.tenant.url,
    AzureWebJobsStorage: world.connectionString,
    ...world.tenant.operators,
  };
});
// However long the tests before took.
beforeEach(() => theAppRan());
afterEach(() => world.control.clearFaults());
afterAll(async () => {
  vi.unstubAllEnvs();
  await world[Symbol.asyncDispose]();
});

/** As if the app had just read the active set. */
async function theAppRan(over: Partial<ResyncRecord> = {}): Promise<void> {
  const { save, storageTime } = await loadResync(state());
  const counts = {
    listed: 0,
    enqueued: 0,
    open: 0,
    openSince: null,
    held: 0,
    inReview: 0,
    exposed: 0,
    exposedUntil: null,
    watchedUsers: 0,
    known: 0,
  };
  const times = {
    startedAt: storageTime,
    finishedAt: storageTime,
    graphDate: storageTime,
    notBefore: null,
    error: null,
  };
  expect(await save({ ...counts, ...times, ...over })).toBe(true);
}

const badOf = async (settings: Readonly<Record<string, string>>, clock = systemClock) =>
  (await examine(settings, { clock })).filter(({ state: found }) => found === "bad" || found === "warning");

test("a deployment without a fault is well, and each check says what it saw", async () => {
  const findings = await examine(healthy);
  expect(findings.filter(({ state: found }) => found !== "good")).toEqual([]);
  expect(new Set(findings.map(({ check }) => check))).toEqual(
    new Set([
      "settings",
      "token",
      "permissions",
      "graph",
      "clock",
      "storage",
      "app",
      "endpoint",
      "auditStream",
      "scope",
      "channels",
    ]),
  );
});

const keyVaultReference = "@Microsoft.KeyVault(VaultName=a;SecretName=cutoff-secret)";

describe("settings", () => {
  test.each([
    ["a value that is none", { CUTOFF_MODE: "on" }, "CUTOFF_MODE", "bad"],
    ["a secret that is missing", { CUTOFF_SECRET: "" }, "CUTOFF_SECRET", "bad"],
    ["a secret that Key Vault did not give", { CUTOFF_SECRET: keyVaultReference }, "not resolved", "bad"],
    [
      "a name that is misspelt",
      { EXLUDED_PRINCIPALS: "" + "3f2504e0-4f89-11d3-9a0c-0305e82c3301" },
      "EXLUDED_PRINCIPALS",
      "bad",
    ],
    ["a mode that does nothing", { CUTOFF_MODE: "off" }, "CUTOFF_MODE is off", "warning"],
    ["an emergency stop that is still on", { CUTOFF_STOP: "true" }, "CUTOFF_STOP", "warning"],
    ["nobody who may operate", { OPERATORS_AUDIENCE: "" }, "OPERATORS_AUDIENCE is not set", "warning"],
    ["nobody excluded", { EXCLUDED_PRINCIPALS: "" }, "EXCLUDED_PRINCIPALS is empty", "warning"],
  ])("%s", async (_, over, what, severity) => {
    const found = await badOf({ ...healthy, ...over });
    expect(found).toContainEqual(
      expect.objectContaining({
        check: "settings",
        state: severity,
        what: expect.stringContaining(what),
        fix: expect.any(String),
      }),
    );
  });
});

describe("what Graph and Azure send", () => {
  test("nobody says where", async () => {
    const found = await badOf({ ...healthy, GRAPH_SUBSCRIPTIONS: "on" });
    expect(found.filter(({ check }) => check !== "permissions")).toMatchObject([
      { check: "endpoint", state: "warning", fix: expect.stringContaining("NOTIFICATION_BASE_URL=") },
    ]);
  });

  test("the event hub has never brought anything", async () => {
    const hub = {
      AUDIT_EVENTHUB_NAME: "audit",
      AUDIT_EVENTHUB__fullyQualifiedNamespace: "cutoff.servicebus.windows.net",
    };
    const found = await badOf({ ...healthy, ...hub });
    expect(found).toMatchObject([
      { check: "auditStream", state: "warning", fix: expect.stringContaining("microsoft.aadiam/diagnosticSettings") },
    ]);
  });

  test("the event hub brings something else than the audit log", async () => {
    await noteStream(state(), 0, 3);
    const hub = {
      AUDIT_EVENTHUB_NAME: "sign-ins",
      AUDIT_EVENTHUB__fullyQualifiedNamespace: "cutoff.servicebus.windows.net",
    };
    const found = await badOf({ ...healthy, ...hub });
    expect(found).toMatchObject([{ check: "auditStream", state: "bad", what: expect.stringContaining("cannot read") }]);
  });
});

describe("what Graph is asked to report", () => {
  test("more groups are watched than Graph lets one app subscribe to", async () => {
    const recorded = { GRAPH_SUBSCRIPTIONS: "on", NOTIFICATION_BASE_URL: "http://127.0.0.1:9" };
    const resources = Array.from({ length: quota }, () => `groups/${randomUUID()}/members`);
    for (const resource of resources) await saveSubscription(state(), aSubscription({ resource }));
    const found = await badOf({ ...healthy, ...recorded });
    for (const resource of resources) await forgetSubscription(state(), resource);
    expect(found).toContainEqual(
      expect.objectContaining({
        check: "subscriptions",
        state: "warning",
        what: expect.stringContaining("All 100 subscriptions"),
        fix: expect.stringContaining("GRAPH_SUBSCRIPTIONS=allGroups"),
      }),
    );
  });
});

describe("identity", () => {
  test("no such identity is assigned", async () => {
    const found = await badOf({ ...healthy, AZURE_CLIENT_ID: "3f2504e0-4f89-11d3-9a0c-0305e82c3301" });
    expect(found[0]).toMatchObject({ check: "token", state: "bad", fix: expect.stringContaining("AZURE_CLIENT_ID") });
  });

  const permissions = neededPermissions({ revoking: true, groups: true, subscriptions: false });

  test.each(permissions)("the permission $name is missing", async ({ name, feature }) => {
    const granted = permissions.map((permission) => permission.name);
    await world.control.changeSettings({ permissions: granted.filter((other) => other !== name) });
    const found = await badOf(healthy).finally(() => world.control.changeSettings({ permissions: granted }));
    expect(found.filter(({ check }) => check === "permissions")).toEqual([
      {
        check: "permissions",
        state: "bad",
        what: `The token lacks ${name}.`,
        why: expect.stringContaining(feature),
        fix: expect.stringContaining("GRAPH_SUBSCRIPTIONS=off infra/graph-permissions/grant.sh"),
      },
    ]);
  });

  test("a permission that the app never uses", async () => {
    const granted = permissions.map(({ name }) => name);
    await world.control.changeSettings({ permissions: [...granted, "Directory.ReadWrite.All"] });
    const found = await badOf(healthy).finally(() => world.control.changeSettings({ permissions: granted }));
    expect(found).toMatchObject([
      { check: "permissions", state: "warning", what: expect.stringContaining("Directory.ReadWrite.All") },
    ]);
  });

  test.each([
    ["User.RevokeSessions.All", { CUTOFF_MODE: "reportOnly" }],
    ["PrivilegedAssignmentSchedule.Read.AzureADGroup", { WATCHED_GROUPS: "none" }],
    ["GroupMember.Read.All", { GRAPH_SUBSCRIPTIONS: "on", NOTIFICATION_BASE_URL: "http://127.0.0.1:9" }],
  ])("%s, which is not needed with other settings", async (name, over) => {
    const found = await badOf({ ...healthy, ...over });
    expect(found.filter(({ check, state: of }) => check === "permissions" && of === "warning")).toMatchObject([
      { what: expect.stringContaining(`${name}, which the app does not need with these settings`) },
    ]);
  });
});

describe("Microsoft Graph", () => {
  test("the tenant has no licence for PIM", async () => {
    await world.control.changeSettings({ licensed: false });
    const found = await badOf(healthy).finally(() => world.control.changeSettings({ licensed: true }));
    expect(found).toContainEqual(expect.objectContaining({ check: "licence", why: expect.stringContaining("P2") }));
  });

  test("nothing answers there", async () => {
    const found = await badOf({ ...healthy, GRAPH_ENDPOINT: "http://127.0.0.1:9" });
    expect(found).toContainEqual(
      expect.objectContaining({ check: "graph", state: "bad", fix: expect.stringContaining("network") }),
    );
  });

  test("it throttles", async () => {
    await world.control.addFault({
      path: "/roleDefinitions",
      fault: { kind: "status", statuses: [429], when: "beforeEffect", retryAfterSeconds: 60 },
    });
    const found = await badOf(healthy);
    expect(found).toContainEqual(
      expect.objectContaining({ check: "graph", state: "warning", why: expect.stringContaining("throttles") }),
    );
  });

  test("the cloud has no audit log", async () => {
    await world.control.changeSettings({ audit: { offered: false } });
    const found = await badOf(healthy).finally(() => world.control.changeSettings({ audit: { offered: true } }));
    expect(found).toMatchObject([{ check: "graph", state: "warning", what: expect.stringContaining("audit log") }]);
  });

  test("this machine's clock is ten minutes fast", async () => {
    const found = await badOf(healthy, { ...systemClock, now: () => Date.now() + 600_000 });
    expect(found).toContainEqual(
      expect.objectContaining({ check: "clock", what: expect.stringMatching(/(599|600|601) s ahead/) }),
    );
  });
});

describe("storage", () => {
  const elsewhere = (change: (text: string) => string) => ({
    ...healthy,
    AzureWebJobsStorage: change(world.connectionString),
  });

  test("nothing answers there", async () => {
    const found = await badOf(elsewhere((text) => text.replace(/(TableEndpoint=http:\/\/[^:]+):\d+/, "$1:9")));
    expect(found).toMatchObject([{ check: "storage", state: "bad", fix: expect.stringContaining("network rules") }]);
  });

  test("it refuses the app", async () => {
    const found = await badOf(
      elsewhere((text) => text.replace(/AccountKey=[^;]+/, `AccountKey=${btoa("wrong".repeat(8))}`)),
    );
    expect(found).toMatchObject([
      { check: "storage", state: "bad", fix: expect.stringContaining("Storage Table Data Contributor") },
    ]);
  });
});

test("the secret is another one than the rows are sealed with", async () => {
  await checkSeal({ state: state(), quiet: [], isRotating: false });
  const found = await badOf({ ...healthy, CUTOFF_SECRET: laterSecret });
  expect(found).toMatchObject([
    { check: "storage", state: "bad", fix: expect.stringContaining("CUTOFF_SECRET_PREVIOUS") },
  ]);
});

describe("the app itself", () => {
  test("has never run", async () => {
    const { etag, content: record } = await loadResync(state());
    await state().commit("resync", [{ type: "delete", row: "last", etag: etag ?? "" }]);
    const found = await badOf(healthy).finally(() => theAppRan(record ?? {}));
    expect(found).toMatchObject([{ check: "app", what: expect.stringContaining("never run") }]);
  });

  test("no longer runs", async () => {
    const { storageTime } = await loadResync(state());
    await theAppRan({ finishedAt: storageTime - 600_000 });
    const found = await badOf(healthy).finally(() => theAppRan());
    expect(found).toMatchObject([{ check: "app", state: "bad", what: expect.stringContaining("No resync") }]);
  });

  test.each([
    ["has held an end for more than ten minutes", { open: 1, openSince: -660_000 }, "more than ten minutes"],
    ["waits for an operator, since the threshold holds people", { open: 2, held: 2 }, "operations/release"],
    ["waits for an operator, since revoking began again", { open: 1, inReview: 1 }, "operations/review"],
  ])("%s", async (_, { openSince, ...counts }: { openSince?: number; open: number }, what) => {
    const { storageTime } = await loadResync(state());
    await theAppRan({ ...counts, openSince: openSince === undefined ? null : storageTime + openSince });
    const found = await badOf(healthy).finally(() => theAppRan());
    expect(found).toMatchObject([{ check: "app", state: "bad", what: expect.stringContaining(what) }]);
  });

  test("was stopped by an operator", async () => {
    const control = createControlStore(state());
    await control.stop();
    const found = await badOf(healthy).finally(async () => (await control.prepareLift())());
    expect(found).toMatchObject([{ check: "app", state: "warning", fix: expect.stringContaining("resume") }]);
  });

  test("has parked a message", async () => {
    const telemetry = silentTelemetry;
    await parkDeadLetter("rubbish", "1", { state: state(), principals: world.sealed.principals, telemetry });
    const found = await badOf(healthy);
    expect(found).toMatchObject([{ check: "app", state: "bad", what: expect.stringContaining("dead letters") }]);
    const { value: rows } = await state().list("deadLetters");
    await state().commit(
      "deadLetters",
      rows.map(({ row, etag }) => ({ type: "delete", row, etag })),
    );
  });
});

describe("whom and what the settings name", () => {
  const stranger = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";

  test.each([
    ["an excluded account that does not exist", { EXCLUDED_PRINCIPALS: stranger }, "not protected"],
    ["a pilot who does not exist", { INCLUDED_PRINCIPALS: stranger }, "not cut"],
    ["a role that does not exist", { ENFORCED_ROLES: "User Administrater" }, "held"],
    ["a group that does not exist", { WATCHED_GROUPS: stranger }, "not cut"],
  ])("%s", async (_, over, why) => {
    const found = await badOf({ ...healthy, ...over });
    expect(found).toContainEqual(
      expect.objectContaining({
        check: "scope",
        state: "bad",
        why: expect.stringContaining(why),
        fix: expect.any(String),
      }),
    );
  });
});

describe("as a command", () => {
  const doctor = async (settings: Readonly<Record<string, string>>, ...args: string[]) => {
    const main = fileURLToPath(new URL("../../tools/doctor/main.ts", import.meta.url));
    const env = { PATH: process.env.PATH, ...world.tenant.identity, ...settings };
    return promisify(execFile)(process.execPath, [main, ...args], { env }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout, stderr }) => ({ code, stdout: `${stdout}${stderr}` }),
    );
  };

  test("it exits with 0 when nothing is bad, with 1 when something is, with 2 for what it was not asked", async () => {
    expect(await doctor(healthy)).toMatchObject({ code: 0, stdout: expect.stringContaining("0 bad") });
    const broken = { ...healthy, CUTOFF_MODE: "on" };
    expect(await doctor(broken)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("fix: Expected off, reportOnly or enforce"),
    });
    expect(await doctor(healthy, "--everything")).toMatchObject({ code: 2, stdout: expect.stringContaining("--json") });
    expect(await doctor(healthy, "--settings", "/nowhere.json")).toMatchObject({ code: 2 });
  });

  test("it takes the list of settings that Azure gives, and the secret behind a reference from the environment", async () => {
    const listed = { ...healthy, CUTOFF_SECRET: keyVaultReference };
    const list = Object.entries(listed).map(([name, value]) => ({ name, value, slotSetting: false }));
    const file = await temporaryFile("settings.json", JSON.stringify(list));
    expect(await doctor({}, "--settings", file)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("az keyvault secret show"),
    });
    expect(await doctor({ CUTOFF_SECRET: localSecret }, "--settings", file)).toMatchObject({ code: 0 });
  });

  test("it proves on a test user that a revoke works, once, by the tenant's own account", async () => {
    const { id } = await world.control.createUser({ name: "Test user" });
    const { code, stdout } = await doctor(healthy, "--prove", id);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/read-back showed it after \d/) });
    expect(revokesOf(await world.control.history(), id)).toHaveLength(1);
  });

  test("it prints JSON for scripts, and never a secret", async () => {
    const { stdout } = await doctor({ ...healthy, CUTOFF_MODE: "off" }, "--json");
    expect(JSON.parse(stdout).findings).toContainEqual(
      expect.objectContaining({ check: "settings", state: "warning" }),
    );
    expect(stdout).not.toContain(localSecret);
  });
});
