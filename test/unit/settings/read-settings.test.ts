import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatProblems } from "../../../shared/settings/format-problems.ts";
import { readSettings } from "../../../shared/settings/read-settings.ts";
import type { SettingProblem } from "../../../shared/settings/setting-problem.ts";
import type { RawSettings } from "../../../shared/settings/setting-relations.ts";
import type { Settings } from "../../../shared/settings/settings.ts";
import { settingFields } from "../../../shared/settings/settings-schema.ts";

const jane = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
const omar = "6ecd8c99-4036-403d-bf84-cf8400f67836";
const storage = { AzureWebJobsStorage__accountName: "pimcutoff" };
const CUTOFF_SECRET = "a secret of at least thirty-two characters";

function settingsOf(env: RawSettings): Settings {
  const reading = readSettings({ ...storage, CUTOFF_SECRET, ...env });
  if (!reading.ok) throw new Error(formatProblems(reading.problems));
  return reading.settings;
}

function problemsOf(env: RawSettings): readonly SettingProblem[] {
  const reading = readSettings({ ...storage, CUTOFF_SECRET, ...env });
  return reading.ok ? [] : reading.problems;
}

const namesOf = (env: RawSettings) => problemsOf(env).map(({ setting }) => setting);

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
        whenUnreadable: "hold",
        revokeWhenReactivated: false,
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
      HOME: "/root",
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

describe("roles and groups", () => {
  test("are all roles, and the groups that can hold one, unless told otherwise", () => {
    expect(settingsOf({})).toMatchObject({ enforcedRoles: "all", watchedGroups: "auto" });
    expect(settingsOf({ ENFORCED_ROLES: "All", WATCHED_GROUPS: "None" })).toMatchObject({
      enforcedRoles: "all",
      watchedGroups: "none",
    });
  });

  test("role names hold spaces; group ids are lower-cased", () => {
    const { enforcedRoles, watchedGroups } = settingsOf({
      ENFORCED_ROLES: " Global Administrator ; User Administrator,",
      WATCHED_GROUPS: jane.toUpperCase(),
    });
    expect(enforcedRoles).toEqual(["Global Administrator", "User Administrator"]);
    expect(watchedGroups).toEqual(new Set([jane]));
  });
});

test.each([
  ["ENFORCED_ROLES", ";", "a list without an entry"],
  ["WATCHED_GROUPS", "all", "entry 1 of 1, with 3 characters, is no object id"],
])("%s=%s is refused and not shown", (setting, value, found) => {
  expect(problemsOf({ [setting]: value })).toMatchObject([{ setting, found }]);
});

describe("policy", () => {
  test("words count in any case", () => {
    const { policy } = settingsOf({ CUTOFF_MODE: "REPORTONLY", CUTOFF_STOP: "True", WHEN_UNREADABLE: "Revoke" });
    expect(policy).toMatchObject({ mode: "reportOnly", stopped: true, whenUnreadable: "revoke" });
  });

  test("ids are lower-cased, separated by commas or spaces, and counted once", () => {
    const { policy } = settingsOf({
      INCLUDED_PRINCIPALS: `${jane.toUpperCase()}, ${jane}`,
      EXCLUDED_PRINCIPALS: `${omar}  ${omar.toUpperCase()};`,
    });
    expect(policy.included).toEqual(new Set([jane]));
    expect(policy.excluded).toEqual(new Set([omar]));
  });

  test("enforce needs to be told whom", () => {
    expect(problemsOf({ CUTOFF_MODE: "Enforce", INCLUDED_PRINCIPALS: " " })).toMatchObject([
      { setting: "INCLUDED_PRINCIPALS", found: "nothing", example: "all" },
    ]);
    expect(settingsOf({ CUTOFF_MODE: "enforce", INCLUDED_PRINCIPALS: "All" }).policy).toMatchObject({
      mode: "enforce",
      included: "all",
    });
    expect(settingsOf({ CUTOFF_MODE: "enforce", INCLUDED_PRINCIPALS: jane }).policy.included).toEqual(new Set([jane]));
  });

  test("nobody is included and excluded", () => {
    const both = { INCLUDED_PRINCIPALS: `${jane} ${omar}`, EXCLUDED_PRINCIPALS: omar.toUpperCase() };
    expect(problemsOf(both)).toMatchObject([{ setting: "EXCLUDED_PRINCIPALS", found: expect.stringMatching(/^1 of/) }]);
  });

  test("what is no object id is told by its place and never shown", () => {
    const problems = problemsOf({ EXCLUDED_PRINCIPALS: `${jane}, jane@contoso.com, ${omar}0` });
    expect(problems.map(({ found }) => found)).toEqual([
      "entry 2 of 3, with 16 characters, is no object id",
      "entry 3 of 3, with 37 characters, is no object id",
    ]);
    expect(formatProblems(problems)).not.toContain("contoso");
  });

  test("a list without an entry is no list", () => {
    expect(problemsOf({ INCLUDED_PRINCIPALS: " , " })).toMatchObject([{ found: "a list without an entry" }]);
  });

  test.each([
    ["1", 1],
    ["720", 720],
  ])("STALE_AFTER_HOURS may be %s", (text, hours) => {
    expect(settingsOf({ STALE_AFTER_HOURS: text }).policy.staleAfter).toBe(hours * 3_600_000);
  });

  test.each([
    ["CUTOFF_MODE", "on"],
    ["CUTOFF_STOP", "yes"],
    ["WHEN_UNREADABLE", "wait"],
    ["REVOKE_WHEN_REACTIVATED", "1"],
    ["STALE_AFTER_HOURS", "0"],
    ["STALE_AFTER_HOURS", "721"],
    ["STALE_AFTER_HOURS", "1.5"],
    ["STALE_AFTER_HOURS", "-1"],
    ["STALE_AFTER_HOURS", "1e2"],
    ["THRESHOLD_PLANNED", "3001"],
    ["THRESHOLD_UNPLANNED", "-1"],
    ["RESYNC_SECONDS", "4"],
    ["RESYNC_SECONDS", "7"],
    ["RESYNC_SECONDS", "301"],
    ["GRAPH_CLOUD", "germany"],
  ])("%s=%s is refused and shown", (setting, value) => {
    expect(problemsOf({ [setting]: value })).toMatchObject([{ setting, found: JSON.stringify(value) }]);
  });
});

describe("threshold", () => {
  test("nothing may be revoked without a person, or up to 3,000 users at once", () => {
    expect(settingsOf({ THRESHOLD_PLANNED: "3000", THRESHOLD_UNPLANNED: "0" }).threshold).toEqual({
      planned: 3000,
      unplanned: 0,
    });
  });
});

describe("resync", () => {
  test.each([
    ["5", 5_000, "*/5 * * * * *"],
    ["30", 30_000, "*/30 * * * * *"],
    ["60", 60_000, "0 */1 * * * *"],
    ["300", 300_000, "0 */5 * * * *"],
  ])("every %s seconds", (text, intervalMs, schedule) => {
    expect(settingsOf({ RESYNC_SECONDS: text }).resync).toEqual({ intervalMs, schedule });
  });
});

describe("Graph", () => {
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

  test.each(["http://127.0.0.1:8400", "http://localhost:8400/", "https://[::1]:8400"])(
    "calls may go to the simulated tenant at %s, with the cloud's scope",
    (endpoint) => {
      const { baseUrl, scope } = settingsOf({ GRAPH_ENDPOINT: endpoint }).graph;
      expect(baseUrl).toBe(endpoint.replace(/\/$/, ""));
      expect(scope).toBe("https://graph.microsoft.com/.default");
    },
  );

  test.each([
    "https://graph.microsoft.com",
    "http://10.0.0.1:8400",
    "http://localhost.evil.example",
    "http://127.0.0.1@evil.example",
    "http://127.0.0.1:8400/v1.0",
    "http://127.0.0.1:8400/?next=x",
    "ftp://127.0.0.1",
    "127.0.0.1:8400",
  ])("a token is never sent to %s", (endpoint) => {
    expect(namesOf({ GRAPH_ENDPOINT: endpoint })).toEqual(["GRAPH_ENDPOINT"]);
  });
});

describe("webhook", () => {
  const NOTIFY_WEBHOOK_SECRET = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
  const both = (NOTIFY_WEBHOOK_URL: string) => ({ NOTIFY_WEBHOOK_URL, NOTIFY_WEBHOOK_SECRET });

  test.each(["https://hooks.contoso.example/pim?flow=7", "http://127.0.0.1:8080/hook"])("may be %s", (url) => {
    const { notify } = settingsOf(both(url));
    expect(notify?.url).toBe(url);
    expect(Buffer.from(notify?.secret ?? [])).toEqual(Buffer.alloc(24, 7));
  });

  test.each<[string, RawSettings, string, string]>([
    ["not by https", both("http://hooks.contoso.example/"), "NOTIFY_WEBHOOK_URL", "a URL without https"],
    ["with a password", both("https://me:secret@hooks.example/"), "NOTIFY_WEBHOOK_URL", "a value of 32 characters"],
    ["no URL", both("hooks"), "NOTIFY_WEBHOOK_URL", "a value of 5 characters"],
    ["without a secret", { NOTIFY_WEBHOOK_URL: "https://a.example/" }, "NOTIFY_WEBHOOK_SECRET", "nothing"],
    ["without a URL", { NOTIFY_WEBHOOK_SECRET }, "NOTIFY_WEBHOOK_URL", "nothing"],
    [
      "with a short secret",
      { ...both("https://a.example/"), NOTIFY_WEBHOOK_SECRET: "whsec_AAAA" },
      "NOTIFY_WEBHOOK_SECRET",
      "a value of 10 characters",
    ],
  ])("%s is refused", (_, env, setting, found) => {
    expect(problemsOf(env)).toMatchObject([{ setting, found }]);
  });
});

describe("secret", () => {
  const previous = `${CUTOFF_SECRET}, long ago`;

  test("there may be one before it", () => {
    expect(settingsOf({ CUTOFF_SECRET_PREVIOUS: previous }).secrets).toEqual({ current: CUTOFF_SECRET, previous });
  });

  test.each<[string, RawSettings, string, string]>([
    ["none", { CUTOFF_SECRET: " " }, "CUTOFF_SECRET", "nothing"],
    ["a short one", { CUTOFF_SECRET: "x".repeat(31) }, "CUTOFF_SECRET", "a value of 31 characters"],
    ["a short one before", { CUTOFF_SECRET_PREVIOUS: "x" }, "CUTOFF_SECRET_PREVIOUS", "a value of 1 characters"],
    [
      "a reference to a key vault that nobody resolved",
      { CUTOFF_SECRET: "@Microsoft.KeyVault(SecretUri=https://a.vault.azure.net/secrets/cutoff)" },
      "CUTOFF_SECRET",
      "a reference that was not resolved",
    ],
    [
      "the same twice",
      { CUTOFF_SECRET_PREVIOUS: CUTOFF_SECRET },
      "CUTOFF_SECRET_PREVIOUS",
      "the same secret as in CUTOFF_SECRET",
    ],
  ])("%s is refused and not shown", (_, env, setting, found) => {
    expect(problemsOf(env)).toMatchObject([{ setting, found }]);
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

  test("a secret or certificate needs tenant and client id", () => {
    expect(namesOf({ AZURE_CLIENT_SECRET: "s" })).toEqual(["AZURE_TENANT_ID", "AZURE_CLIENT_ID"]);
    expect(namesOf({ AZURE_CLIENT_CERTIFICATE_PATH: "/a", AZURE_TENANT_ID: jane })).toEqual(["AZURE_CLIENT_ID"]);
  });

  test("secret and certificate together are refused", () => {
    expect(namesOf({ ...app, AZURE_CLIENT_SECRET: "s", AZURE_CLIENT_CERTIFICATE_PATH: "/a" })).toEqual([
      "AZURE_CLIENT_SECRET",
    ]);
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

  test.each<[string, RawSettings, string]>([
    ["nothing", {}, "AzureWebJobsStorage__accountName"],
    [
      "only the table's URI",
      { AzureWebJobsStorage__tableServiceUri: "https://a.table.core.windows.net" },
      "AzureWebJobsStorage__queueServiceUri",
    ],
    [
      "only the queue's URI",
      { AzureWebJobsStorage__queueServiceUri: "https://a.queue.core.windows.net" },
      "AzureWebJobsStorage__tableServiceUri",
    ],
    ["two ways", { ...storage, AzureWebJobsStorage: "UseDevelopmentStorage=true" }, "AzureWebJobsStorage"],
    ["a wrong name", { AzureWebJobsStorage__accountName: "Wrong" }, "AzureWebJobsStorage__accountName"],
    ["another credential", { ...storage, AzureWebJobsStorage__credential: "x" }, "AzureWebJobsStorage__credential"],
    [
      "a URI without encryption",
      { ...uris, AzureWebJobsStorage__tableServiceUri: "http://a.table.core.windows.net" },
      "AzureWebJobsStorage__tableServiceUri",
    ],
    [
      "a URI with a signature",
      { ...uris, AzureWebJobsStorage__tableServiceUri: "https://a.table.core.windows.net?sig=x" },
      "AzureWebJobsStorage__tableServiceUri",
    ],
  ])("%s is a problem", (_, env, setting) => {
    const reading = alone(env);
    expect(reading.ok ? [] : reading.problems.map((problem) => problem.setting)).toEqual([setting]);
  });
});

describe("problems", () => {
  test("all of them at once, whatever hides behind another", () => {
    const names = namesOf({
      CUTOFF_MODE: "enforce",
      CUTTOFF_STOP: "true",
      EXCLUDED_PRINCIPALS: "jane",
      RESYNC_SECONDS: "1",
      STALE_AFTER_HOURS: "x",
      GRAPH_ENDPOINT: "https://evil.example",
      AZURE_CLIENT_ID: "x",
      AZURE_CLIENT_SECRET: "x",
      AzureWebJobsStorage: "x",
    });
    expect(names.sort()).toEqual(
      [
        "AZURE_CLIENT_ID",
        "AZURE_TENANT_ID",
        "AzureWebJobsStorage",
        "AzureWebJobsStorage",
        "CUTTOFF_STOP",
        "EXCLUDED_PRINCIPALS",
        "GRAPH_ENDPOINT",
        "INCLUDED_PRINCIPALS",
        "RESYNC_SECONDS",
        "STALE_AFTER_HOURS",
      ].sort(),
    );
  });

  test.each([
    ["CUTOFFMODE", "CUTOFF_MODE"],
    ["cutoff_mode", "CUTOFF_MODE"],
    ["CUTOFF_MODES", "CUTOFF_MODE"],
    ["CUT_OFF_STOP", "CUTOFF_STOP"],
    ["EXCLUDED_PRINCIPAL", "EXCLUDED_PRINCIPALS"],
    ["INCLUDE_PRINCIPALS", "INCLUDED_PRINCIPALS"],
    ["AzureWebJobsStorage_accountName", "AzureWebJobsStorage__accountName"],
    ["AZURE_CLIENTID", "AZURE_CLIENT_ID"],
  ])("%s: did you mean %s?", (given, meant) => {
    expect(problemsOf({ [given]: "a value" })).toEqual([
      expect.objectContaining({ setting: given, expected: expect.stringContaining(`did you mean ${meant}?`) }),
    ]);
  });

  test("every setting of the schema tells what it expects, with an example that it accepts", () => {
    for (const [setting, field] of Object.entries(settingFields)) {
      const [problem] = problemsOf({ [setting]: "%" }).filter((candidate) => candidate.setting === setting);
      if (problem === undefined) continue; // A free text: everything is accepted.
      expect(problem.expected).not.toBe("");
      expect(field.safeParse(problem.example).success).toBe(true);
    }
  });

  test("no secret is ever shown", () => {
    const secret = fc
      .string({ unit: "grapheme-ascii", minLength: 8, maxLength: 60 })
      .filter((text) => text.trim() === text && /[^a-z ]/.test(text) && !shownAnyway.includes(text));
    const secretSetting = fc.constantFrom(
      "AZURE_CLIENT_SECRET",
      "AZURE_CLIENT_SECRETT",
      "CUTOFF_SECRET",
      "CUTOFF_SECRET_PREVIOUS",
      "AZURE_CLIENT_CERTIFICATE_PATH",
      "AZURE_CLIENT_ID",
      "AZURE_TENANT_ID",
      "AzureWebJobsStorage",
      "AzureWebJobsStorage__tableServiceUri",
      "GRAPH_ENDPOINT",
      "INCLUDED_PRINCIPALS",
    );
    const shape = fc.constantFrom(
      (text: string) => text,
      (text: string) => `DefaultEndpointsProtocol=https;AccountName=pimcutoff;AccountKey=${text}`,
      (text: string) => `SharedAccessSignature=${text}`,
      (text: string) => `https://pimcutoff.table.core.windows.net/?sig=${text}`,
    );
    fc.assert(
      fc.property(secret, secretSetting, shape, (text, setting, shaped) => {
        const reading = readSettings({ CUTOFF_MODE: "wrong", [setting]: shaped(text) });
        const problems = reading.ok ? [] : reading.problems;
        expect(problems.length).toBeGreaterThan(0);
        expect(formatProblems(problems)).not.toContain(text);
      }),
      { numRuns: 500 },
    );
  });

  /** What problems say whatever is set: a "secret" that is part of it proves nothing. */
  const shownAnyway = formatProblems([
    ...problemsOf(Object.fromEntries(Object.keys(settingFields).map((name) => [name, "%"]))),
    ...problemsOf({ AZURE_CLIENT_SECRETT: "%" }),
  ]);
});
