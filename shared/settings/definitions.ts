// Every app setting that the app reads, defined once: how its value is read, its default, and its text for people. The errors take
// their text from here; `npm run settings` writes docs/settings.md, local.settings.json.example and the parameters in infra/ from here.

import { z } from "zod";
import { ruleActivities } from "../base/audit-activities.ts";
import { channelFields } from "./channels.ts";
import {
  connectionString,
  hostNameUrl,
  insightsAuthentication,
  insightsConnection,
  loopbackUrl,
  publicUrl,
  secret,
  serviceUrl,
  webhookSecret,
  webhookUrl,
} from "./connections.ts";
import {
  activities,
  exampleId,
  guid,
  helpOf,
  ids,
  listOf,
  oneOf,
  optional,
  required,
  resyncSeconds,
  roles,
  type SettingHelp,
  truth,
  wholeNumber,
  withDefault,
  wordOr,
} from "./fields.ts";
import { personFields } from "./person.ts";
import { largestLimit } from "./settings.ts";

const users = wholeNumber("users", 0, largestLimit);
const managedIdentity = oneOf("managedidentity");

const scope = {
  CUTOFF_MODE: withDefault("reportOnly", oneOf("off", "reportOnly", "enforce"), {
    meaning: "`off`: no call to Graph at all; `reportOnly`; `enforce`",
    deployed: "reportOnly",
    local: "reportOnly",
  }),
  CUTOFF_STOP: withDefault(false, truth(), {
    meaning: "`true`: emergency stop. Nothing is revoked, everything is kept pending",
    expected: "true (emergency stop) or false",
  }),
  INCLUDED_PRINCIPALS: withDefault("all", wordOr(["all"], ids), {
    meaning: "object ids of users and role-assignable groups. `enforce` needs it to be set: `all` or a list",
    expected: "all, or object ids of users and role-assignable groups separated by commas",
    example: exampleId,
    deployed: "all",
  }),
  EXCLUDED_PRINCIPALS: withDefault(new Set<string>(), listOf(ids), {
    meaning: "object ids of users and role-assignable groups that are never cut",
    expected: "object ids of users and role-assignable groups separated by commas",
    example: exampleId,
  }),
  LATE_EXEMPTIONS: withDefault("ignore", oneOf("ignore", "honour"), {
    meaning:
      "who joins a group of `EXCLUDED_PRINCIPALS` after a privilege of theirs was first seen: `ignore` (they are cut at its end, with an alarm) or `honour` (they are not)",
  }),
  ENFORCED_ROLES: withDefault("all", wordOr(["all"], roles), {
    meaning:
      "role names or template ids separated by commas; the ends of other roles are recorded, not cut. A name that Graph does not know is shown by `GET /api/health` with near matches, and what it may mean is held",
    expected: "all, or role names or template ids separated by commas",
    example: "Global Administrator, User Administrator",
  }),
};

const watching = {
  WATCHED_GROUPS: withDefault("auto", wordOr(["auto", "none"], ids), {
    meaning:
      "groups whose roles and members are watched: `auto` (those that can hold a role or hold one), `none`, or object ids. In a group without a role the membership or ownership itself counts as the privilege",
    expected: "auto (groups that can hold a role or hold one), none, or object ids of groups separated by commas",
  }),
  RESYNC_SECONDS: withDefault(10, resyncSeconds(), { meaning: "how often the whole active set is read" }),
  STALE_AFTER_HOURS: withDefault(28, wholeNumber("hours", 1, 720), {
    meaning: "an end older than the longest token life is recorded, not cut",
  }),
  // Graph keeps its audit log for 30 days. As long as the log shows an end, the app must know that the end already has its outcome.
  RETENTION_DAYS: withDefault(90, wholeNumber("days", 31, 3650), {
    meaning:
      "days, at least 31, that the records of outcomes and orders are kept. What waits for an outcome is kept whatever its age",
  }),
  COALESCE_MINUTES: withDefault(0, wholeNumber("minutes", 0, 60), {
    meaning:
      "minutes after its end that a role outside the [tier-0 list](policy.md#the-tier-0-list) may wait for another known end of the same user, so that both are one sign-out",
    example: "5",
  }),
  // The app cannot read its hosting plan, and a word that it does not know must not keep it from starting.
  ALWAYS_READY: optional(
    listOf((text) => new Set(text.split(/[\s,]+/))),
    {
      meaning:
        "the functions of which the deployment keeps an instance ready. Health, the status page and `npm run doctor` warn when `principals` is not among them ([why](reliability.md#always-ready)), the doctor of `heartbeat` and the audit stream as well",
      unset: "not known: no warning but the doctor's",
      expected: "functions separated by commas, as infra/ sets them",
      example: "http,principals,resync,heartbeat",
      setBy: "deployment",
    },
  ),
};

const threshold = {
  THRESHOLD_PLANNED: optional(users, {
    meaning: "more users than this with a known end within ten minutes: hold the rest",
    unset: "the larger of 25 and 15 % of the watched users",
    expected: `nothing (the larger of 25 and 15 % of the watched users), or a whole number of users from 0 to ${largestLimit}`,
    example: "100",
  }),
  THRESHOLD_UNPLANNED: withDefault(10, users, {
    meaning: "the same for ends that were not announced",
  }),
};

const operators = {
  OPERATORS_AUDIENCE: optional(guid(), {
    meaning:
      "client id of the app registration whose app roles operators have ([how](deploy.md#operators)); needs `AZURE_TENANT_ID`",
    unset: "none: nobody gives orders",
    expected: "nothing (nobody gives orders), or the client id of the app registration whose app roles operators have",
  }),
  RUNBOOK_URL: optional(webhookUrl(), {
    meaning: "where your people read `docs/operate.md`: the status page links its parts",
    unset: "none: the page names the parts",
    expected: "an https URL",
    example: "https://wiki.contoso.example/pim-cutoff/operate",
  }),
  // The platform writes this value, and no form of it may keep the app from starting.
  WEBSITE_AUTH_ENABLED: withDefault(
    false,
    z.string().transform((text) => text.toLowerCase() === "true"),
    {
      meaning: "`True` where App Service authentication is on; only then the app believes what it says about a caller",
      unset: "set by App Service",
      expected: "true or false, as App Service sets it",
      setBy: "platform",
    },
  ),
  CUTOFF_SECRET: required(secret(), {
    meaning:
      "at least 32 characters (`openssl rand -base64 32`), from which the keys are derived that storage does not hold",
    expected: "a secret of at least 32 characters that storage does not hold",
    example: "the output of: openssl rand -base64 32",
    // Too short to be accepted: a copy of the file must not start with a secret that everybody can read.
    local: "openssl rand -base64 32",
    isSecret: true,
    setBy: "deployment",
  }),
  CUTOFF_SECRET_PREVIOUS: optional(secret(), {
    meaning:
      "the value of `CUTOFF_SECRET` before, while it is rotated: until `GET /api/health` says `keysRotated`, and an hour more",
    expected: "nothing, or what CUTOFF_SECRET was before",
    example: "what CUTOFF_SECRET was before, until all is written anew",
    isSecret: true,
    setBy: "deployment",
  }),
};

const subscriptions = {
  GRAPH_SUBSCRIPTIONS: withDefault("on", oneOf("on", "off", "allGroups"), {
    meaning:
      "Graph's change notifications for the watched groups, the 100 most privileged of them (Graph's quota): `on`; `allGroups`: one subscription to every group of the tenant when more are watched; `off`: no address for Graph, nothing inbound. Then an end that was not announced is found by polling alone: 10 s or more until its first absence (the more watched groups, the longer), and 6 s or a minute until the second",
  }),
  NOTIFICATION_BASE_URL: optional(publicUrl(), {
    meaning: "https origin at which Graph reaches the app. Without any there are no subscriptions",
    unset: "from `WEBSITE_HOSTNAME`",
    expected: "nothing (the app's own host name), or an https origin at which Graph reaches the app, without a path",
    example: "https://pimcutoff.azurewebsites.net",
  }),
  WEBSITE_HOSTNAME: optional(hostNameUrl(), {
    meaning: "the app's host name",
    unset: "set by App Service",
    expected: "the app's host name, as App Service sets it",
    example: "pimcutoff.azurewebsites.net",
    setBy: "platform",
  }),
};

const webhook = {
  NOTIFY_WEBHOOK_URL: optional(webhookUrl(), {
    meaning: "where each outcome is sent, by https",
    expected: "an https URL",
    example: "https://hooks.contoso.example/pim",
  }),
  NOTIFY_WEBHOOK_SECRET: optional(webhookSecret(), {
    meaning:
      "the secret that signs it ([Standard Webhooks](https://www.standardwebhooks.com): `whsec_` and 24 to 64 random bytes in base64); two of them, separated by a blank, while one is rotated",
    expected: "one or two secrets of whsec_ and 24 to 64 random bytes in base64, separated by a blank",
    example: "whsec_REPLACE/THIS/BY/32/RANDOM/BYTES/",
    isSecret: true,
    setBy: "deployment",
  }),
};

const auditLog = {
  AUDIT_RULES: withDefault(new Set<string>(), listOf(activities), {
    meaning:
      "activities of the audit log after which their target user is signed out, e.g. `Reset password, Admin deleted security info`. Acted upon once Graph's own log shows them",
    expected: `nothing, or activities of the audit log separated by commas: ${ruleActivities.join(", ")}`,
    example: "Reset password, Admin deleted security info",
  }),
  AUDIT_EVENTHUB_NAME: optional(z.string().regex(/^[A-Za-z0-9](?:[\w.-]{0,254}[A-Za-z0-9])?$/), {
    meaning: "the event hub that the diagnostic setting `AuditLogs` writes to",
    expected: "the name of the event hub that the diagnostic setting AuditLogs writes to",
    example: "insights-logs-auditlogs",
    setBy: "deployment",
  }),
  AUDIT_EVENTHUB_CONSUMER_GROUP: withDefault(
    "$Default",
    z.string().regex(/^(?:\$Default|[A-Za-z0-9][\w.-]{0,48}[A-Za-z0-9])$/),
    {
      meaning: "a consumer group of that event hub that nothing else reads with",
      expected: "a consumer group of that event hub that nothing else reads with",
      example: "pim-cutoff",
      setBy: "deployment",
    },
  ),
  AUDIT_EVENTHUB__fullyQualifiedNamespace: optional(
    z.string().regex(/^[a-z][a-z0-9-]{4,48}[a-z0-9](?:\.[a-z0-9-]+)+$/i),
    {
      meaning: "the host name of its namespace; read with the app's identity",
      expected: "the host name of the Event Hubs namespace, read with the app's identity",
      example: "pimcutoff.servicebus.windows.net",
      setBy: "deployment",
    },
  ),
  AUDIT_EVENTHUB__credential: optional(managedIdentity, {
    meaning: "`managedidentity`: it is read as a managed identity",
    shown: false,
    setBy: "deployment",
  }),
  AUDIT_EVENTHUB__clientId: optional(guid(), {
    meaning: "client id of that identity, where it is user-assigned",
    expected: "the client id of a user-assigned identity",
    setBy: "deployment",
  }),
};

const graph = {
  GRAPH_CLOUD: withDefault("global", oneOf("global", "usGovL4", "usGovL5", "china"), {
    meaning: "`global`, `usGovL4`, `usGovL5` or `china`",
  }),
  GRAPH_ENDPOINT: optional(loopbackUrl(), {
    meaning: "the simulated tenant on this machine, nothing else",
    expected: "nothing, or the simulated tenant on this machine (localhost, 127.0.0.1 or [::1]) without a path",
    example: "http://127.0.0.1:8400",
    setBy: "developer",
  }),
  AZURE_TENANT_ID: optional(guid(), {
    meaning: "the tenant; needed by `OPERATORS_AUDIENCE`, a client secret and a certificate",
    expected: "the id of the tenant",
    local: "00000000-0000-0000-0000-000000000000",
    setBy: "deployment",
  }),
  AZURE_CLIENT_ID: optional(guid(), {
    meaning: "client id of the user-assigned identity; without it the system-assigned one",
    expected: "the client id of an identity or app",
    local: "00000000-0000-0000-0000-000000000000",
    setBy: "deployment",
  }),
  AZURE_CLIENT_SECRET: optional(z.string(), {
    meaning: "with it the app is an app registration instead of a managed identity, for development",
    expected: "a client secret, for development",
    example: "(the secret)",
    local: "the client secret of an app registration for development",
    isSecret: true,
    setBy: "developer",
  }),
  AZURE_CLIENT_CERTIFICATE_PATH: optional(z.string(), {
    meaning: "the same with a certificate: a PEM file that holds its private key as well",
    expected: "a PEM file with a certificate and its private key, for development",
    example: "/home/me/app.pem",
    setBy: "developer",
  }),
};

const telemetry = {
  APPLICATIONINSIGHTS_CONNECTION_STRING: optional(insightsConnection(), {
    meaning: "where telemetry goes; without it events are log lines",
    expected: "nothing, or the connection string of an Application Insights resource",
    example: `InstrumentationKey=${exampleId};IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/`,
    setBy: "deployment",
  }),
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: optional(insightsAuthentication(), {
    meaning:
      "`Authorization=AAD`, with `ClientId=` for a user-assigned identity: telemetry is sent as that identity (role Monitoring Metrics Publisher)",
    expected: "nothing, or Authorization=AAD, with ClientId= for a user-assigned identity",
    example: `Authorization=AAD;ClientId=${exampleId}`,
    setBy: "deployment",
  }),
};

const storage = {
  AzureWebJobsStorage: optional(connectionString(), {
    meaning:
      "connection string, for development; in Azure an identity and the settings below. One of the two is required",
    expected:
      "a storage connection string with an account key; better: AzureWebJobsStorage__accountName and an identity",
    example: "UseDevelopmentStorage=true",
    local: "UseDevelopmentStorage=true",
    isSecret: true,
    setBy: "developer",
  }),
  AzureWebJobsStorage__accountName: optional(z.string().regex(/^[a-z0-9]{3,24}$/), {
    meaning: "the storage account, where its services are in `core.windows.net`",
    expected: "the storage account's name: 3 to 24 lower-case letters and digits",
    example: "pimcutoff",
    setBy: "deployment",
  }),
  AzureWebJobsStorage__tableServiceUri: optional(serviceUrl(), {
    meaning: "URL of its tables, wherever they are",
    expected: "an https URL without a shared access signature",
    example: "https://pimcutoff.table.core.windows.net",
    setBy: "deployment",
  }),
  AzureWebJobsStorage__queueServiceUri: optional(serviceUrl(), {
    meaning: "URL of its queues, wherever they are",
    expected: "an https URL without a shared access signature",
    example: "https://pimcutoff.queue.core.windows.net",
    setBy: "deployment",
  }),
  AzureWebJobsStorage__credential: optional(managedIdentity, {
    meaning: "`managedidentity`: it is opened as a managed identity",
    shown: false,
    setBy: "deployment",
  }),
  AzureWebJobsStorage__clientId: optional(guid(), {
    meaning: "client id of that identity, where it is user-assigned",
    expected: "the client id of a user-assigned identity",
    setBy: "deployment",
  }),
};

/** The definitions by subject, in the order of the documents. */
export const settingGroups: readonly {
  readonly title: string;
  readonly fields: Readonly<Record<string, z.ZodType>>;
}[] = [
  { title: "Whom to cut", fields: scope },
  { title: "What is watched, and for how long", fields: watching },
  { title: "Threshold", fields: threshold },
  { title: "Operators and secrets", fields: operators },
  { title: "Change notifications", fields: subscriptions },
  { title: "Webhook", fields: webhook },
  { title: "Channels for people and systems", fields: channelFields },
  { title: "The person who is signed out", fields: personFields },
  { title: "Audit log", fields: auditLog },
  { title: "Graph and identity", fields: graph },
  { title: "Telemetry", fields: telemetry },
  { title: "Storage", fields: storage },
];

/** Every setting by its name. */
export const settingFields = {
  ...scope,
  ...watching,
  ...threshold,
  ...operators,
  ...subscriptions,
  ...webhook,
  ...channelFields,
  ...personFields,
  ...auditLog,
  ...graph,
  ...telemetry,
  ...storage,
};

/** The schema of all app settings; `relations.ts` checks what they demand of each other. */
export const settingsSchema = z.object(settingFields);

const helps = new Map(Object.entries(settingFields).map(([name, field]) => [name, helpOf(field)]));

/** The text for people about a setting, by its name; undefined for an unknown name. */
export const helpFor = (setting: string): SettingHelp | undefined => helps.get(setting);
