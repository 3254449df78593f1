import { z } from "zod";
import { largestLimit } from "../revocation/threshold-limits.ts";
import { ruleActivities } from "../signals/audit-activities.ts";
import {
  connectionString,
  hostNameUrl,
  insightsAuthentication,
  insightsConnection,
  loopbackUrl,
  publicUrl,
  serviceUrl,
  webhookUrl,
} from "./connections.ts";
import {
  allOrGuidList,
  allOrRoleList,
  auditRules,
  guid,
  guidList,
  oneOf,
  resyncSeconds,
  secret,
  truth,
  watchedGroups,
  webhookSecret,
  wholeNumber,
} from "./fields.ts";

export interface SettingHelp {
  readonly expected: string;
  readonly example: string;
  /** Whether a problem repeats the wrong value: never where it might be a secret or a name, also one that was put in the wrong place. */
  readonly shown: boolean;
}

/** What people are told about each setting of the schema. */
export const settingHelp = z.registry<SettingHelp>();

/** Graph keeps its audit log for 30 days: as long an end that it tells of must be known to have had its outcome. */
const leastRetentionDays = 31;

const someGuid = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";

/** Every app setting that the app reads, with its rule, its default and what people are told about it. */
export const settingFields = {
  CUTOFF_MODE: oneOf("off", "reportOnly", "enforce")
    .default("reportOnly")
    .register(settingHelp, { expected: "off, reportOnly or enforce", example: "reportOnly", shown: true }),
  CUTOFF_STOP: truth()
    .default(false)
    .register(settingHelp, { expected: "true (emergency stop) or false", example: "false", shown: true }),
  INCLUDED_PRINCIPALS: allOrGuidList().default("all").register(settingHelp, {
    expected: "all, or object ids of users and role-assignable groups separated by commas",
    example: someGuid,
    shown: false,
  }),
  EXCLUDED_PRINCIPALS: guidList().default(new Set<string>()).register(settingHelp, {
    expected: "object ids of users and role-assignable groups separated by commas",
    example: someGuid,
    shown: false,
  }),
  ENFORCED_ROLES: allOrRoleList().default("all").register(settingHelp, {
    expected: "all, or role names or template ids separated by commas",
    example: "Global Administrator, User Administrator",
    shown: false,
  }),
  WATCHED_GROUPS: watchedGroups().default("auto").register(settingHelp, {
    expected: "auto (groups that can hold a role or hold one), none, or object ids of groups separated by commas",
    example: "auto",
    shown: false,
  }),
  RESYNC_SECONDS: resyncSeconds().default(10).register(settingHelp, {
    expected: "5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240 or 300 seconds",
    example: "10",
    shown: true,
  }),
  STALE_AFTER_HOURS: wholeNumber(1, 720)
    .default(28)
    .register(settingHelp, { expected: "a whole number of hours from 1 to 720", example: "28", shown: true }),
  RETENTION_DAYS: wholeNumber(leastRetentionDays, 3650)
    .default(90)
    .register(settingHelp, {
      expected: `a whole number of days from ${leastRetentionDays} to 3650`,
      example: "90",
      shown: true,
    }),
  COALESCE_MINUTES: wholeNumber(0, 60)
    .default(0)
    .register(settingHelp, { expected: "a whole number of minutes from 0 to 60", example: "5", shown: true }),
  THRESHOLD_PLANNED: wholeNumber(0, largestLimit)
    .optional()
    .register(settingHelp, {
      expected: `nothing (the larger of 25 and 15 % of the watched users), or a whole number of users from 0 to ${largestLimit}`,
      example: "100",
      shown: true,
    }),
  THRESHOLD_UNPLANNED: wholeNumber(0, largestLimit)
    .default(10)
    .register(settingHelp, {
      expected: `a whole number of users from 0 to ${largestLimit}`,
      example: "10",
      shown: true,
    }),
  CUTOFF_SECRET: secret().register(settingHelp, {
    expected: "a secret of at least 32 characters that storage does not hold",
    example: "the output of: openssl rand -base64 32",
    shown: false,
  }),
  CUTOFF_SECRET_PREVIOUS: secret().optional().register(settingHelp, {
    expected: "nothing, or what CUTOFF_SECRET was before",
    example: "what CUTOFF_SECRET was before, until all is written anew",
    shown: false,
  }),
  AUDIT_RULES: auditRules()
    .default(new Set<string>())
    .register(settingHelp, {
      expected: `nothing, or activities of the audit log separated by commas: ${ruleActivities.join(", ")}`,
      example: "Reset password, Admin deleted security info",
      shown: false,
    }),
  AUDIT_EVENTHUB_NAME: z
    .string()
    .regex(/^[A-Za-z0-9](?:[\w.-]{0,254}[A-Za-z0-9])?$/)
    .optional()
    .register(settingHelp, {
      expected: "the name of the event hub that the diagnostic setting AuditLogs writes to",
      example: "insights-logs-auditlogs",
      shown: false,
    }),
  AUDIT_EVENTHUB_CONSUMER_GROUP: z
    .string()
    .regex(/^(?:\$Default|[A-Za-z0-9][\w.-]{0,48}[A-Za-z0-9])$/)
    .default("$Default")
    .register(settingHelp, {
      expected: "a consumer group of that event hub that nothing else reads with",
      example: "pim-cutoff",
      shown: false,
    }),
  AUDIT_EVENTHUB__fullyQualifiedNamespace: z
    .string()
    .regex(/^[a-z][a-z0-9-]{4,48}[a-z0-9](?:\.[a-z0-9-]+)+$/i)
    .optional()
    .register(settingHelp, {
      expected: "the host name of the Event Hubs namespace, read with the app's identity",
      example: "pimcutoff.servicebus.windows.net",
      shown: false,
    }),
  AUDIT_EVENTHUB__clientId: guid()
    .optional()
    .register(settingHelp, { expected: "the client id of a user-assigned identity", example: someGuid, shown: false }),
  AUDIT_EVENTHUB__credential: oneOf("managedidentity")
    .optional()
    .register(settingHelp, { expected: "managedidentity", example: "managedidentity", shown: false }),
  GRAPH_SUBSCRIPTIONS: oneOf("on", "off", "allGroups")
    .default("on")
    .register(settingHelp, { expected: "on, off or allGroups", example: "on", shown: true }),
  NOTIFICATION_BASE_URL: publicUrl().optional().register(settingHelp, {
    expected: "nothing (the app's own host name), or an https origin at which Graph reaches the app, without a path",
    example: "https://pimcutoff.azurewebsites.net",
    shown: false,
  }),
  WEBSITE_HOSTNAME: hostNameUrl().optional().register(settingHelp, {
    expected: "the app's host name, as App Service sets it",
    example: "pimcutoff.azurewebsites.net",
    shown: false,
  }),
  NOTIFY_WEBHOOK_URL: webhookUrl()
    .optional()
    .register(settingHelp, { expected: "an https URL", example: "https://hooks.contoso.example/pim", shown: false }),
  NOTIFY_WEBHOOK_SECRET: webhookSecret().optional().register(settingHelp, {
    expected: "whsec_ and 24 to 64 random bytes in base64, as Standard Webhooks has it",
    example: "whsec_REPLACE/THIS/BY/32/RANDOM/BYTES/",
    shown: false,
  }),
  OPERATORS_AUDIENCE: guid().optional().register(settingHelp, {
    expected: "nothing (nobody gives orders), or the client id of the app registration whose app roles operators have",
    example: someGuid,
    shown: false,
  }),
  // Whatever the platform writes there must not keep the app from starting.
  WEBSITE_AUTH_ENABLED: z
    .string()
    .default("false")
    .transform((text) => text.toLowerCase() === "true")
    .register(settingHelp, { expected: "true or false, as App Service sets it", example: "false", shown: false }),
  GRAPH_CLOUD: oneOf("global", "usGovL4", "usGovL5", "china")
    .default("global")
    .register(settingHelp, { expected: "global, usGovL4, usGovL5 or china", example: "global", shown: true }),
  GRAPH_ENDPOINT: loopbackUrl().optional().register(settingHelp, {
    expected: "nothing, or the simulated tenant on this machine (localhost, 127.0.0.1 or [::1]) without a path",
    example: "http://127.0.0.1:8400",
    shown: false,
  }),
  AZURE_CLIENT_ID: guid()
    .optional()
    .register(settingHelp, { expected: "the client id of an identity or app", example: someGuid, shown: false }),
  AZURE_TENANT_ID: guid()
    .optional()
    .register(settingHelp, { expected: "the id of the tenant", example: someGuid, shown: false }),
  AZURE_CLIENT_SECRET: z
    .string()
    .optional()
    .register(settingHelp, { expected: "a client secret, for development", example: "(the secret)", shown: false }),
  AZURE_CLIENT_CERTIFICATE_PATH: z.string().optional().register(settingHelp, {
    expected: "a PEM file with a certificate and its private key, for development",
    example: "/home/me/app.pem",
    shown: false,
  }),
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnection()
    .optional()
    .register(settingHelp, {
      expected: "nothing, or the connection string of an Application Insights resource",
      example: `InstrumentationKey=${someGuid};IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/`,
      shown: false,
    }),
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: insightsAuthentication()
    .optional()
    .register(settingHelp, {
      expected: "nothing, or Authorization=AAD, with ClientId= for a user-assigned identity",
      example: `Authorization=AAD;ClientId=${someGuid}`,
      shown: false,
    }),
  AzureWebJobsStorage: connectionString().optional().register(settingHelp, {
    expected:
      "a storage connection string with an account key; better: AzureWebJobsStorage__accountName and an identity",
    example: "UseDevelopmentStorage=true",
    shown: false,
  }),
  AzureWebJobsStorage__accountName: z
    .string()
    .regex(/^[a-z0-9]{3,24}$/)
    .optional()
    .register(settingHelp, {
      expected: "the storage account's name: 3 to 24 lower-case letters and digits",
      example: "pimcutoff",
      shown: false,
    }),
  AzureWebJobsStorage__tableServiceUri: serviceUrl().optional().register(settingHelp, {
    expected: "an https URL without a shared access signature",
    example: "https://pimcutoff.table.core.windows.net",
    shown: false,
  }),
  AzureWebJobsStorage__queueServiceUri: serviceUrl().optional().register(settingHelp, {
    expected: "an https URL without a shared access signature",
    example: "https://pimcutoff.queue.core.windows.net",
    shown: false,
  }),
  AzureWebJobsStorage__clientId: guid()
    .optional()
    .register(settingHelp, { expected: "the client id of a user-assigned identity", example: someGuid, shown: false }),
  AzureWebJobsStorage__credential: oneOf("managedidentity")
    .optional()
    .register(settingHelp, { expected: "managedidentity", example: "managedidentity", shown: false }),
};

/** The app settings as their types; what they demand of each other is in `relations.ts`. */
export const settingsSchema = z.object(settingFields);
