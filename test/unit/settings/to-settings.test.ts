import { describe, expect, test } from "vitest";
import { readSettings } from "../../../shared/settings/read.ts";
import type { RawSettings } from "../../../shared/settings/settings.ts";
import { CUTOFF_SECRET, jane, omar, settingsOf } from "./reading.ts";

test("two settings are enough: a secret, and where the storage is", () => {
  expect(settingsOf({})).toEqual({
    notify: null,
    policy: {
      mode: "reportOnly",
      coalesceWithin: 0,
      lateExemptions: "ignore",
      stopped: false,
      included: "all",
      excluded: new Set(),
      staleAfter: 28 * 60 * 60 * 1000,
    },
    enforcedRoles: "all",
    watchedGroups: "auto",
    threshold: { planned: null, unplanned: 10 },
    retention: 90 * 24 * 3_600_000,
    statusPage: { showNames: true, portal: "https://entra.microsoft.com", runbook: null },
    resync: { intervalMs: 10_000, schedule: "*/10 * * * * *" },
    alwaysReady: null,
    auditRules: new Set(),
    auditStream: null,
    graph: {
      cloud: "global",
      baseUrl: "https://graph.microsoft.com",
      authority: "https://login.microsoftonline.com",
      scope: "https://graph.microsoft.com/.default",
    },
    subscriptions: null,
    tenantId: null,
    operators: null,
    secrets: { current: CUTOFF_SECRET, previous: null },
    credential: { kind: "managedIdentity", clientId: undefined },
    insights: null,
    storage: {
      kind: "identity",
      clientId: undefined,
      tableUrl: "https://pimcutoff.table.core.windows.net",
      queueUrl: "https://pimcutoff.queue.core.windows.net",
    },
  });
});

test("the threshold lets nothing be revoked without a person, or up to 3,000 users at once", () => {
  expect(settingsOf({ THRESHOLD_PLANNED: "3000", THRESHOLD_UNPLANNED: "0" }).threshold).toEqual({
    planned: 3000,
    unplanned: 0,
  });
});

test.each([
  ["5", 5_000, "*/5 * * * * *"],
  ["30", 30_000, "*/30 * * * * *"],
  ["60", 60_000, "0 */1 * * * *"],
  ["300", 300_000, "0 */5 * * * *"],
])("a resync every %s seconds", (text, intervalMs, schedule) => {
  expect(settingsOf({ RESYNC_SECONDS: text }).resync).toEqual({ intervalMs, schedule });
});

test.each([
  ["usGovL4", "https://graph.microsoft.us", "https://login.microsoftonline.us"],
  ["usGovL5", "https://dod-graph.microsoft.us", "https://login.microsoftonline.us"],
  ["china", "https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn"],
])("cloud %s", (cloud, baseUrl, authority) => {
  expect(settingsOf({ GRAPH_CLOUD: cloud }).graph).toEqual({
    cloud,
    baseUrl,
    authority,
    scope: `${baseUrl}/.default`,
  });
});

test("operators are known by an app registration of the tenant, wherever its tokens come from", () => {
  const asked = { OPERATORS_AUDIENCE: omar.toUpperCase(), AZURE_TENANT_ID: jane };
  const rules = { audience: omar, tenantId: jane, appServiceAuthentication: false };
  expect(settingsOf(asked).operators).toEqual({ ...rules, authority: "https://login.microsoftonline.com" });
  const china = { ...asked, GRAPH_CLOUD: "china", WEBSITE_AUTH_ENABLED: "True" };
  expect(settingsOf(china).operators).toEqual({
    ...rules,
    authority: "https://login.chinacloudapi.cn",
    appServiceAuthentication: true,
  });
  expect(settingsOf({ ...asked, GRAPH_ENDPOINT: "http://127.0.0.1:8400" }).operators?.authority).toBe(
    "http://127.0.0.1:8400",
  );
});

test("nothing that the platform says of its authentication keeps the app from starting", () => {
  expect(settingsOf({ WEBSITE_AUTH_ENABLED: "1" })).toEqual(settingsOf({}));
});

describe("secret", () => {
  const previous = `${CUTOFF_SECRET}, long ago`;

  test("there may be one before it", () => {
    expect(settingsOf({ CUTOFF_SECRET_PREVIOUS: previous }).secrets).toEqual({ current: CUTOFF_SECRET, previous });
  });
});

describe("credential", () => {
  const app = { AZURE_TENANT_ID: jane, AZURE_CLIENT_ID: omar };

  test("a client id alone is a user-assigned identity", () => {
    expect(settingsOf({ AZURE_CLIENT_ID: omar.toUpperCase() }).credential).toEqual({
      kind: "managedIdentity",
      clientId: omar,
    });
  });

  test("an app may prove itself by secret or certificate, in its cloud", () => {
    const registration = { tenantId: jane, clientId: omar };
    expect(settingsOf({ ...app, AZURE_CLIENT_SECRET: "s3cret", GRAPH_CLOUD: "china" }).credential).toEqual({
      kind: "clientSecret",
      ...registration,
      authorityHost: "https://login.chinacloudapi.cn",
      clientSecret: "s3cret",
    });
    expect(settingsOf({ ...app, AZURE_CLIENT_CERTIFICATE_PATH: "/app.pem" }).credential).toEqual({
      kind: "clientCertificate",
      ...registration,
      authorityHost: "https://login.microsoftonline.com",
      certificatePath: "/app.pem",
    });
  });
});

describe("storage", () => {
  const alone = (env: RawSettings) => readSettings({ CUTOFF_SECRET, ...env });
  const uris = {
    AzureWebJobsStorage__tableServiceUri: "https://a.table.core.chinacloudapi.cn/",
    AzureWebJobsStorage__queueServiceUri: "https://a.queue.core.chinacloudapi.cn",
  };

  test("by service URIs and a user-assigned identity", () => {
    const reading = alone({
      ...uris,
      AzureWebJobsStorage__clientId: jane,
      AzureWebJobsStorage__credential: "managedidentity",
    });
    expect(reading).toMatchObject({
      settings: {
        storage: {
          kind: "identity",
          clientId: jane,
          tableUrl: "https://a.table.core.chinacloudapi.cn",
          queueUrl: "https://a.queue.core.chinacloudapi.cn",
        },
      },
    });
  });

  test("a service URI goes before the account's name", () => {
    const { AzureWebJobsStorage__tableServiceUri } = uris;
    expect(settingsOf({ AzureWebJobsStorage__tableServiceUri }).storage).toMatchObject({
      tableUrl: "https://a.table.core.chinacloudapi.cn",
      queueUrl: "https://pimcutoff.queue.core.windows.net",
    });
  });

  test("by connection string", () => {
    expect(alone({ AzureWebJobsStorage: "UseDevelopmentStorage=true" })).toMatchObject({
      settings: { storage: { kind: "sharedKey", tableUrl: "http://127.0.0.1:10002/devstoreaccount1" } },
    });
  });
});

describe("telemetry", () => {
  const APPLICATIONINSIGHTS_CONNECTION_STRING = `InstrumentationKey=${jane}`;

  test("goes to Application Insights with the key of the connection string, or as an identity", () => {
    expect(settingsOf({ APPLICATIONINSIGHTS_CONNECTION_STRING }).insights).toEqual({
      connectionString: APPLICATIONINSIGHTS_CONNECTION_STRING,
      localEndpoint: null,
      identity: null,
    });
    const APPLICATIONINSIGHTS_AUTHENTICATION_STRING = `Authorization=AAD;ClientId=${omar}`;
    const both = { APPLICATIONINSIGHTS_CONNECTION_STRING, APPLICATIONINSIGHTS_AUTHENTICATION_STRING };
    expect(settingsOf(both).insights?.identity).toEqual({ clientId: omar });
    expect(settingsOf({ APPLICATIONINSIGHTS_AUTHENTICATION_STRING }).insights).toBeNull();
  });
});

describe("subscriptions", () => {
  const subscriptionsOf = (raw: RawSettings) => settingsOf(raw).subscriptions;

  test("there are none without an address, or when they are off", () => {
    expect(subscriptionsOf({})).toBeNull();
    expect(subscriptionsOf({ WEBSITE_HOSTNAME: "a.example", GRAPH_SUBSCRIPTIONS: "off" })).toBeNull();
  });

  test("beyond the quota one polls, or asks for all groups", () => {
    const WEBSITE_HOSTNAME = "a.example";
    expect(subscriptionsOf({ WEBSITE_HOSTNAME })?.beyondQuota).toBe("poll");
    expect(subscriptionsOf({ WEBSITE_HOSTNAME, GRAPH_SUBSCRIPTIONS: "allgroups" })?.beyondQuota).toBe("allGroups");
  });
});

test("the stream is an event hub and its namespace", () => {
  const stream = {
    AUDIT_EVENTHUB_NAME: "insights-logs-auditlogs",
    AUDIT_EVENTHUB__fullyQualifiedNamespace: "pimcutoff.servicebus.windows.net",
  };
  expect(settingsOf(stream).auditStream).toEqual({
    eventHubName: "insights-logs-auditlogs",
    consumerGroup: "$Default",
  });
  expect(settingsOf({ ...stream, AUDIT_EVENTHUB_CONSUMER_GROUP: "pim-cutoff" }).auditStream).toMatchObject({
    consumerGroup: "pim-cutoff",
  });
});

test("the status page: names or none, the admin center of the cloud, and none for the simulated tenant", () => {
  const RUNBOOK_URL = "https://wiki.example/operate";
  const page = (env: RawSettings) => settingsOf(env).statusPage;
  expect(page({ SHOW_NAMES: "false", RUNBOOK_URL })).toMatchObject({ showNames: false, runbook: RUNBOOK_URL });
  expect(page({ GRAPH_CLOUD: "usGovL4" }).portal).toBe("https://entra.microsoft.us");
  expect(page({ GRAPH_CLOUD: "china" }).portal).toBe("https://entra.microsoftonline.cn");
  expect(page({ GRAPH_ENDPOINT: "http://127.0.0.1:8400" }).portal).toBeNull();
});
