import { describe, expect, test } from "vitest";
import { CUTOFF_SECRET, jane, namesOf, omar, settingsOf } from "./reading.ts";

describe("defaults", () => {
  test("two settings are enough: a secret, and where the storage is", () => {
    expect(settingsOf({})).toEqual({
      notify: null,
      policy: {
        mode: "reportOnly",
        coalesceWithin: 0,
        stopped: false,
        included: "all",
        excluded: new Set(),
        staleAfter: 28 * 60 * 60 * 1000,
      },
      enforcedRoles: "all",
      watchedGroups: "auto",
      threshold: { planned: null, unplanned: 10 },
      retention: 90 * 24 * 3_600_000,
      resync: { intervalMs: 10_000, schedule: "*/10 * * * * *" },
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
    expect(namesOf({ OPERATORS_AUDIENCE: omar })).toEqual(["AZURE_TENANT_ID"]);
  });

  test("nothing that the platform says of its authentication keeps the app from starting", () => {
    expect(settingsOf({ WEBSITE_AUTH_ENABLED: "1" })).toEqual(settingsOf({}));
  });

  test("an empty setting counts as missing, spaces around a value do not count", () => {
    expect(settingsOf({ CUTOFF_MODE: "", EXCLUDED_PRINCIPALS: "  " })).toEqual(settingsOf({}));
    expect(settingsOf({ CUTOFF_MODE: " off\n" }).policy.mode).toBe("off");
  });

  test("settings of the platform and of other programs are passed over", () => {
    const others = {
      PATH: "/usr/bin",
      HOME: "/home/me",
      WEBSITE_SITE_NAME: "x",
      FUNCTIONS_WORKER_RUNTIME: "node",
      IDENTITY_ENDPOINT: "http://127.0.0.1:1/token",
      AzureWebJobsStorage__blobServiceUri: "https://pimcutoff.blob.core.windows.net",
      AzureWebJobsSecretStorageType: "files",
      APPSETTING_CUTOFF_MODE: "enforce",
      AZURE_CLIENT_CERTIFICATE_PASSWORD: "x",
    };
    expect(settingsOf(others)).toEqual(settingsOf({}));
  });
});
