import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { variants } from "../../../infra/check/variants.ts";
import { mostBytes } from "../../../shared/notifications/read-delivery.ts";
import { settingFields } from "../../../shared/settings/definitions.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

const resource = z.object({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  sku: z.object({ name: z.string() }).optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
});
type Resource = z.infer<typeof resource>;

async function resourcesOf(variant: string): Promise<readonly Resource[]> {
  const text = await readFile(`${root}infra/snapshots/${variant}.json`, "utf8");
  return z.object({ resources: z.array(resource) }).parse(JSON.parse(text)).resources;
}

const all = new Map(await Promise.all(variants.map(async ({ name }) => [name, await resourcesOf(name)] as const)));
const within = (variant: string, type: string, ending = ""): readonly Resource[] =>
  (all.get(variant) ?? []).filter((one) => one.type === type && one.name.endsWith(ending));
/** The one resource of that type. */
function the(variant: string, type: string, ending = ""): Resource {
  const [one, ...more] = within(variant, type, ending);
  if (one === undefined || more.length > 0) throw new Error(`${variant}: ${more.length} more or no ${type}`);
  return one;
}

/** Azure docs: Naming rules and restrictions for Azure resources. Of what a name is made of at deployment, nothing is judged. */
const names: Readonly<Record<string, RegExp>> = {
  "Microsoft.Authorization/roleAssignments": /^(?:\[guid\(|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$)/,
  "Microsoft.Communication/communicationServices": /^[A-Za-z0-9-]{1,63}$/,
  "Microsoft.Communication/emailServices": /^[A-Za-z0-9-]{1,63}$/,
  "Microsoft.EventHub/namespaces": /^[A-Za-z][A-Za-z0-9-]{4,48}[A-Za-z0-9]$/,
  "Microsoft.Insights/activityLogAlerts": /^[^<>*%{}&:\\?+/#|]{1,260}$/,
  "Microsoft.Insights/actionGroups": /^[^:<>+/&%\\?|]{1,260}$/,
  "Microsoft.Insights/components": /^[^%&\\?/]{1,260}$/,
  "Microsoft.Insights/diagnosticSettings": /^[^*<>%:&\\?+/]{1,260}$/,
  "Microsoft.Insights/scheduledQueryRules": /^[^*<>%{}:&#\\?+/]{1,260}$/,
  "Microsoft.Insights/workbooks": /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  "Microsoft.KeyVault/vaults": /^[A-Za-z](?:[A-Za-z0-9]|-(?!-)){1,22}[A-Za-z0-9]$/,
  "Microsoft.ManagedIdentity/userAssignedIdentities": /^[A-Za-z0-9][\w-]{2,127}$/,
  "Microsoft.Network/privateDnsZones": /^(?:\[format\(')?privatelink/,
  "Microsoft.Network/privateEndpoints": /^[A-Za-z0-9][\w.-]{0,62}\w$/,
  "Microsoft.Network/virtualNetworks": /^[A-Za-z0-9][\w.-]{0,62}\w$/,
  "Microsoft.OperationalInsights/workspaces": /^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/,
  "Microsoft.Resources/resourceGroups": /^[\w().-]{0,89}[\w()-]$/,
  "Microsoft.SecurityInsights/alertRules": /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  "Microsoft.Storage/storageAccounts": /^[a-z0-9]{3,24}$/,
  "Microsoft.Web/serverfarms": /^[A-Za-z0-9-]{1,40}$/,
  "Microsoft.Web/sites": /^[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]$/,
};

/** The functions that the app registers, and whether they serve HTTP. */
async function functions(): Promise<ReadonlyMap<string, boolean>> {
  const files = (await readdir(`${root}functions`)).map((name) => readFile(`${root}functions/${name}`, "utf8"));
  const calls = (await Promise.all(files)).flatMap((text) => [...text.matchAll(/host\.(\w+)\("(\w+)"/g)]);
  return new Map(calls.map(([, kind, name = ""]) => [name, kind === "http"]));
}

const site = z.object({
  publicNetworkAccess: z.enum(["Enabled", "Disabled"]),
  virtualNetworkSubnetId: z.string().nullish(),
  siteConfig: z.record(z.string(), z.unknown()),
  functionAppConfig: z.object({
    deployment: z.object({
      storage: z.object({
        value: z.string(),
        authentication: z.object({ userAssignedIdentityResourceId: z.string() }),
      }),
    }),
    scaleAndConcurrency: z.object({ alwaysReady: z.array(z.object({ name: z.string(), instanceCount: z.number() })) }),
  }),
});
const equality = z.object({ field: z.string(), equals: z.string() });
const activityRule = z.object({
  scopes: z.array(z.string()),
  condition: z.object({ allOf: z.array(equality.partial().extend({ anyOf: z.array(equality).optional() })) }),
  actions: z.object({ actionGroups: z.array(z.object({ actionGroupId: z.string() })) }),
});
const siteOf = (variant: string) => site.parse(the(variant, "Microsoft.Web/sites").properties);
const settingsOf = (variant: string) => the(variant, "Microsoft.Web/sites/config", "/appsettings").properties;

describe.each(variants)("$name", ({ name, environment }) => {
  test("has only names that Azure takes", () => {
    const own = (all.get(name) ?? []).filter(({ type }) => type.split("/").length === 2);
    const wrong = own.filter((one) => !(names[one.type] ?? /^$/).test(one.name));
    expect(own.length).toBeGreaterThan(20);
    expect(wrong.map((one) => `${one.type} ${one.name}`)).toEqual([]);
  });

  test("sets nothing of the site that Flex Consumption refuses", () => {
    // Azure docs, App settings reference: Flex Consumption plan deprecations. All of its other names are for other plans, but for the body's limit.
    expect(Object.keys(siteOf(name).siteConfig)).toEqual(["minTlsVersion", "http20Enabled"]);
    const forbidden = /^(?:FUNCTIONS_(?!REQUEST_BODY_SIZE_LIMIT$)|WEBSITE_|SCM_|ENABLE_ORYX|TZ$|AzureWebJobsStorage$)/;
    expect(Object.keys(settingsOf(name)).filter((setting) => forbidden.test(setting))).toEqual([]);
  });

  test("keeps instances ready only for functions that there are, and one for the work of a known end", async () => {
    const ready = siteOf(name).functionAppConfig.scaleAndConcurrency.alwaysReady;
    const known = await functions();
    const groups = ready.map((one) => one.name).filter((one) => one !== "http");
    expect(groups.filter((one) => known.get(one.replace(/^function:/, "")) !== false)).toEqual([]);
    expect(ready.find((one) => one.name === "function:principals")?.instanceCount).toBeGreaterThanOrEqual(1);
    expect(ready.every(({ instanceCount }) => instanceCount > 0)).toBe(true);
    const named = ready.map((one) => one.name.replace(/^function:/, "")).join(",");
    expect(settingsOf(name).ALWAYS_READY).toBe(named);
  });

  test("lets the host read no longer bodies than the app takes", () => {
    expect(settingsOf(name).FUNCTIONS_REQUEST_BODY_SIZE_LIMIT).toBe(String(mostBytes));
  });

  test("has a private endpoint for whatever is closed", () => {
    const endpoints = within(name, "Microsoft.Network/privateEndpoints").map(({ properties }) =>
      JSON.stringify(properties),
    );
    const closed = (all.get(name) ?? []).filter(({ properties }) => properties.publicNetworkAccess === "Disabled");
    const parts: Readonly<Record<string, readonly string[]>> = {
      "Microsoft.Storage/storageAccounts st": ["blob", "queue", "table"],
      "Microsoft.Storage/storageAccounts pkg": ["blob"],
      "Microsoft.KeyVault/vaults kv": ["vault"],
      "Microsoft.KeyVault/vaults hk": ["vault"],
      "Microsoft.Web/sites func": ["sites"],
    };
    const missing = closed.flatMap(({ id, type, name: own }) =>
      (parts[`${type} ${/^(?:st|pkg|kv|hk|func)/.exec(own)?.[0]}`] ?? ["?"])
        .filter((part) => !endpoints.some((text) => text.includes(`"${id}","groupIds":["${part}"]`)))
        .map((part) => `${type} ${part}`),
    );
    expect(missing).toEqual([]);
    expect(closed.length).toBe(environment.PUBLIC_INBOUND === "false" ? 5 : environment.PRIVATE_NETWORKING ? 4 : 0);
    expect(typeof siteOf(name).virtualNetworkSubnetId).toBe(closed.length > 0 ? "string" : "object");
  });

  test("gives the app every setting that is set, and no empty one", () => {
    const settings = settingsOf(name);
    const chosen = Object.keys(environment).filter((setting) => setting in settingFields);
    expect(chosen.filter((setting) => settings[setting] !== environment[setting])).toEqual([]);
    expect(Object.entries(settings).filter(([, value]) => typeof value !== "string" || value === "")).toEqual([]);
  });

  test("keeps what runs apart from what is believed, and logs every write to either", () => {
    const accounts = within(name, "Microsoft.Storage/storageAccounts");
    const [packages, state] = ["pkg", "st"].map((kind) => accounts.find((one) => one.name.startsWith(kind))?.id ?? "?");
    const given = within(name, "Microsoft.Authorization/roleAssignments")
      .filter(({ id }) => id.includes("/storageAccounts/"))
      .map(({ id, properties }) => [
        id.includes(`'${packages}'`) ? "package" : id.includes(`'${state}'`) ? "state" : id,
        /userAssignedIdentities\/([\w-]+)'/.exec(String(properties.principalId))?.[1],
        String(properties.roleDefinitionId).split("/").at(-1),
      ]);
    const app = `id-pim-cutoff-${environment.AZURE_ENV_NAME}`;
    // Azure docs: Azure built-in roles for Storage. Blobs: contributor; tables and queues: contributor; blobs: owner.
    expect(given.toSorted()).toEqual([
      ["package", `${app}-package`, "ba92f5b4-2d11-453d-a403-e96b0029c9fe"],
      ["state", app, "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"],
      ["state", app, "974c5e8b-45b9-4653-ba55-5f855dd0fb88"],
      ["state", app, "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"],
    ]);
    const { storage } = siteOf(name).functionAppConfig.deployment;
    expect(storage.value).toContain(packages);
    expect(storage.authentication.userAssignedIdentityResourceId).toMatch(new RegExp(`/${app}-package$`));

    const logs = within(name, "Microsoft.Insights/diagnosticSettings", "writes");
    expect(logs.map(({ id }) => /storageAccounts\/(\w+\/\w+)/.exec(id)?.[1]).toSorted()).toEqual(
      accounts.flatMap((one) => ["blob", "queue", "table"].map((part) => `${one.name}/${part}Services`)).toSorted(),
    );
    const logged = [
      { category: "StorageWrite", enabled: true },
      { category: "StorageDelete", enabled: true },
    ];
    expect(logs.map(({ properties }) => properties.logs)).toEqual(Array(6).fill(logged));
  });

  test("keeps the host's keys in a vault of their own, which the host alone writes, and lets it only read the secret", () => {
    const settings = settingsOf(name);
    expect(settings.AzureWebJobsSecretStorageType).toBe("keyvault");
    expect(String(settings.AzureWebJobsSecretStorageKeyVaultUri)).toContain("/vaults/");
    expect(String(settings.AzureWebJobsSecretStorageKeyVaultUri)).toContain("hk-");
    expect(settings.AzureWebJobsSecretStorageKeyVaultClientId).toBe(settings.AZURE_CLIENT_ID);
    expect(String(settings.CUTOFF_SECRET)).toMatch(/VaultName=.*kv-/);
    const given = within(name, "Microsoft.Authorization/roleAssignments")
      .filter(({ id }) => id.includes("/vaults/"))
      .map(({ id, properties }) => [
        /vaults\/.*?\b(kv|hk)-/.exec(id)?.[1] ?? id,
        /userAssignedIdentities\/([\w-]+)'/.exec(String(properties.principalId))?.[1] ?? String(properties.principalId),
        String(properties.roleDefinitionId).split("/").at(-1),
      ]);
    const app = `id-pim-cutoff-${environment.AZURE_ENV_NAME}`;
    // Azure docs: Azure built-in roles for Security. Key Vault Secrets User, Key Vault Secrets Officer.
    expect(given.toSorted()).toEqual([
      ["hk", app, "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"],
      ["kv", environment.AZURE_PRINCIPAL_ID, "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"],
      ["kv", app, "4633458b-17de-408a-b874-0445c86b69e6"],
    ]);
  });

  test("notifies the named receivers of settings, of the identity and of roles that are changed in its group", () => {
    const rules = within(name, "Microsoft.Insights/activityLogAlerts").map(({ name: rule, properties }) => {
      const { condition, scopes, actions } = activityRule.parse(properties);
      expect([scopes, actions.actionGroups.map(({ actionGroupId }) => actionGroupId)]).toEqual([
        [the(name, "Microsoft.Resources/resourceGroups").id],
        [the(name, "Microsoft.Insights/actionGroups").id],
      ]);
      expect(condition.allOf.slice(0, 2)).toEqual([
        { field: "category", equals: "Administrative" },
        { field: "status", equals: "Succeeded" },
      ]);
      return [rule, condition.allOf.flatMap(({ anyOf }) => anyOf ?? []).map(({ equals }) => equals)];
    });
    const identities = "Microsoft.ManagedIdentity/userAssignedIdentities";
    const assignments = "Microsoft.Authorization/roleAssignments";
    expect(Object.fromEntries(rules)).toEqual({
      "pim-cutoff-settings-written": ["Microsoft.Web/sites/config/write", "Microsoft.Web/sites/write"],
      "pim-cutoff-identity-lent": [`${identities}/assign/action`, `${identities}/federatedIdentityCredentials/write`],
      "pim-cutoff-roles-changed": [`${assignments}/write`, `${assignments}/delete`],
    });
  });

  test("knows its own writers of each account", () => {
    const rule = (ending: string) => JSON.stringify(the(name, "Microsoft.Insights/scheduledQueryRules", ending));
    const accounts = within(name, "Microsoft.Storage/storageAccounts").map((one) => one.name);
    for (const account of accounts) expect(rule("-foreign-storage-writer")).toContain(account);
    const app = `id-pim-cutoff-${environment.AZURE_ENV_NAME}`;
    for (const one of [app, `${app}-package`]) expect(rule("-foreign-storage-writer")).toContain(`/${one}'`);
    expect(rule("-package-written")).toContain(`/${app}-package'`);
  });

  test("sends the alerts to the named receivers", () => {
    const group = z
      .object({ emailReceivers: z.array(z.object({ emailAddress: z.string() })) })
      .parse(the(name, "Microsoft.Insights/actionGroups").properties);
    const addresses = environment.ALERT_ADDRESSES?.split(", ");
    expect(group.emailReceivers.map(({ emailAddress }) => emailAddress)).toEqual(addresses);
  });
});

test("between them, the variants set every setting of the app but those of the platform", () => {
  const set = new Set(variants.flatMap(({ name }) => Object.keys(settingsOf(name))));
  const left = Object.keys(settingFields).filter((name) => !set.has(name));
  // Set by App Service, or for a machine of one's own.
  expect(left.sort()).toEqual([
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_CLIENT_SECRET",
    "AzureWebJobsStorage",
    "GRAPH_ENDPOINT",
    "WEBSITE_AUTH_ENABLED",
    "WEBSITE_HOSTNAME",
  ]);
});

test("mails have a resource where people or channels get some, and a channel of mails has no URL", () => {
  const services = (variant: string) => within(variant, "Microsoft.Communication/communicationServices");
  expect(["default", "private-network", "private-inbound", "other-cloud"].map((one) => services(one).length)).toEqual([
    0, 1, 1, 0,
  ]);
  expect(settingsOf("private-inbound")).toHaveProperty("NOTIFY_1_TO");
  expect(settingsOf("private-inbound")).toHaveProperty("NOTIFY_MAIL_ENDPOINT");
  const urls = Object.keys(settingsOf("private-inbound")).filter((name) => /^NOTIFY_\d_(?:URL|SECRET)$/.test(name));
  expect(urls).toEqual([]);
});

test("a mail domain of one's own is linked beside Azure's, and its address is the sender", () => {
  const domains = (variant: string) =>
    z
      .object({ linkedDomains: z.array(z.string()) })
      .parse(the(variant, "Microsoft.Communication/communicationServices").properties)
      .linkedDomains.map((id) => id.split("/").at(-1));
  expect(domains("private-network")).toEqual(["AzureManagedDomain", "contoso.example"]);
  expect(domains("private-inbound")).toEqual(["AzureManagedDomain"]);
  expect(settingsOf("private-network").NOTIFY_MAIL_SENDER).toBe("pim@contoso.example");
});

test("the sign-in of operators is switched off where it is not asked for, not left as it was", () => {
  const platform = (variant: string) =>
    the(variant, "Microsoft.Web/sites/config", "/authsettingsV2").properties.platform;
  expect([platform("default"), platform("other-cloud")]).toEqual([{ enabled: false }, { enabled: true }]);
});

test("storage lies in several zones where the region has them, else in one data centre", () => {
  const redundancy = (variant: string) => [
    ...new Set(within(variant, "Microsoft.Storage/storageAccounts").map(({ sku }) => sku?.name)),
  ];
  expect(variants.map(({ name }) => [name, redundancy(name)])).toEqual([
    ["default", ["Standard_ZRS"]],
    ["private-network", ["Standard_ZRS"]],
    ["private-inbound", ["Standard_LRS"]],
    ["other-cloud", ["Standard_LRS"]],
  ]);
});

test("zones of the network team are used, and not made; a zone of two endpoints is made once", () => {
  const zones = within("private-network", "Microsoft.Network/privateDnsZones").map(({ id }) => id);
  expect([zones.length, new Set(zones).size]).toEqual([4, 4]);
  expect(within("private-inbound", "Microsoft.Network/privateDnsZones")).toEqual([]);
  const groups = within("private-inbound", "Microsoft.Network/privateEndpoints/privateDnsZoneGroups");
  expect(groups.filter((one) => !JSON.stringify(one).includes("'rg-hub-zones'"))).toEqual([]);
  expect(groups).toHaveLength(7);
});

test("the network has the range that was chosen", () => {
  expect(JSON.stringify(the("private-network", "Microsoft.Network/virtualNetworks"))).toMatch(
    /10\.1\.2\.0\/24.*10\.1\.2\.0\/26.*10\.1\.2\.64\/26/,
  );
});

test("a deleted vault is taken back only when that is asked for", () => {
  const modes = (variant: string) =>
    within(variant, "Microsoft.KeyVault/vaults").map(({ properties }) => properties.createMode);
  expect([modes("default"), modes("other-cloud")]).toEqual([Array(2).fill("default"), Array(2).fill("recover")]);
});

test("an analytics rule is made only where its tables are, names the account and groups what repeats", () => {
  expect(within("default", "Microsoft.SecurityInsights/alertRules")).toEqual([]);
  const rules = within("other-cloud", "Microsoft.SecurityInsights/alertRules");
  // Without MicrosoftGraphActivityLogs there is none for the identity's misuse.
  expect(rules).toHaveLength(4);
  for (const { properties } of rules) {
    expect(JSON.stringify(properties.entityMappings)).toContain('"entityType":"Account"');
    expect(JSON.stringify(properties.incidentConfiguration)).toContain('"matchingMethod":"AllEntities"');
  }
});

/** What `environment()` says there (Azure docs: ARM template functions), and how the zones are called (Azure Private Endpoint private DNS zone values). */
const clouds = [
  {
    cloud: "AzureCloud",
    storage: "core.windows.net",
    vault: [".vault.azure.net", "vaultcore.azure.net"],
    login: "https://login.microsoftonline.com/",
    app: "azurewebsites.net",
  },
  {
    cloud: "AzureUSGovernment",
    storage: "core.usgovcloudapi.net",
    vault: [".vault.usgovcloudapi.net", "vaultcore.usgovcloudapi.net"],
    login: "https://login.microsoftonline.us/",
    app: "azurewebsites.us",
  },
  {
    cloud: "AzureChinaCloud",
    storage: "core.chinacloudapi.cn",
    vault: [".vault.azure.cn", "vaultcore.azure.cn"],
    login: "https://login.chinacloudapi.cn/",
    app: "chinacloudsites.cn",
  },
] as const;

/** All snapshots as they are in that cloud: Bicep leaves `environment()` to the deployment, and with it the few functions that use it. */
async function resolvedIn({ cloud, storage, vault, login }: (typeof clouds)[number]): Promise<string> {
  const texts = variants.map(({ name }) => readFile(`${root}infra/snapshots/${name}.json`, "utf8"));
  let now = (await Promise.all(texts))
    .join("")
    .replaceAll("environment().suffixes.storage", `'${storage}'`)
    .replaceAll("environment().suffixes.keyvaultDns", `'${vault[0]}'`)
    .replaceAll("environment().authentication.loginEndpoint", `'${login}'`)
    .replaceAll("environment().name", `'${cloud}'`);
  const literals = (list: string): readonly string[] => [...list.matchAll(/'([^']*)'/g)].map(([, one = ""]) => one);
  for (let before = ""; before !== now; ) {
    before = now;
    now = now
      .replace(
        /replace\('([^']*)', '([^']*)', '([^']*)'\)/g,
        (_, text: string, from: string, to: string) => `'${text.replaceAll(from, to)}'`,
      )
      .replace(/createObject\(([^()]*)\)\['([^']*)'\]/g, (_, list: string, key: string) => {
        const entries = literals(list);
        return `'${entries[entries.indexOf(key) + 1]}'`;
      })
      .replace(/format\('([^']*)'((?:, '[^']*')+)\)/g, (_, pattern: string, list: string) => {
        const values = literals(list);
        return `'${pattern.replace(/\{(\d)\}/g, (_place, at: string) => values[Number(at)] ?? "?")}'`;
      });
  }
  return now;
}

test.each(clouds)("every name follows from the cloud that is deployed to: $cloud", async (one) => {
  const text = await resolvedIn(one);
  expect(text).not.toContain("environment()");
  const zones = [...text.matchAll(/'(privatelink[^'/]*)/g)].map(([, zone]) => zone);
  expect([...new Set(zones)].sort()).toEqual(
    [...["blob", "queue", "table"].map((service) => `${service}.${one.storage}`), one.vault[1], one.app]
      .map((name) => `privatelink.${name}`)
      .sort(),
  );
  const services = [...text.matchAll(/https:\/\/(?:st|pkg)\w+\.(?:blob|queue|table)\.([\w.]+)/g)].map(
    ([, host]) => host,
  );
  expect(services.length).toBeGreaterThanOrEqual(3 * variants.length);
  expect(new Set(services)).toEqual(new Set([one.storage]));
  const tenant = "00000000-0000-0000-0000-000000000001";
  expect(text).toContain(`${one.login}${tenant}/v2.0`);
});
