import type { z } from "zod";
import { toChannels, usualFilter } from "./channels.ts";
import type { settingsSchema } from "./definitions.ts";
import { toMail, toPerson } from "./person.ts";
import {
  adminCenters,
  type ChannelSettings,
  type CredentialSettings,
  type GraphCloud,
  type NotifySettings,
  type Settings,
  type StorageSettings,
  type SubscriptionSettings,
} from "./settings.ts";

type Values = z.infer<typeof settingsSchema>;

const minute = 60 * 1000;
const hour = 60 * minute;

/**
 * Groups the values by purpose, with durations in milliseconds. The audience of tokens is always the cloud's Graph, also when `GRAPH_ENDPOINT`
 * sends the calls elsewhere.
 * @throws Error when no storage is set, which `relations.ts` reports before
 */
export function toSettings(values: Values): Settings {
  const { authority, graph } = graphClouds[values.GRAPH_CLOUD];
  // The simulated tenant signs validation tokens and operators' tokens itself.
  const issuer = values.GRAPH_ENDPOINT ?? authority;
  return {
    policy: {
      mode: values.CUTOFF_MODE,
      stopped: values.CUTOFF_STOP,
      included: values.INCLUDED_PRINCIPALS,
      excluded: values.EXCLUDED_PRINCIPALS,
      staleAfter: values.STALE_AFTER_HOURS * hour,
      coalesceWithin: values.COALESCE_MINUTES * minute,
      lateExemptions: values.LATE_EXEMPTIONS,
    },
    enforcedRoles: values.ENFORCED_ROLES,
    watchedGroups: values.WATCHED_GROUPS,
    threshold: { planned: values.THRESHOLD_PLANNED ?? null, unplanned: values.THRESHOLD_UNPLANNED },
    notify: toNotify(values),
    retention: values.RETENTION_DAYS * 24 * hour,
    resync: { intervalMs: values.RESYNC_SECONDS * 1000, schedule: resyncSchedule(values.RESYNC_SECONDS) },
    alwaysReady: values.ALWAYS_READY ?? null,
    auditRules: values.AUDIT_RULES,
    auditStream:
      values.AUDIT_EVENTHUB_NAME === undefined
        ? null
        : { eventHubName: values.AUDIT_EVENTHUB_NAME, consumerGroup: values.AUDIT_EVENTHUB_CONSUMER_GROUP },
    graph: {
      cloud: values.GRAPH_CLOUD,
      baseUrl: values.GRAPH_ENDPOINT ?? graph,
      authority: issuer,
      scope: `${graph}/.default`,
    },
    subscriptions: toSubscriptionSettings(values),
    tenantId: values.AZURE_TENANT_ID ?? null,
    secrets: { current: values.CUTOFF_SECRET, previous: values.CUTOFF_SECRET_PREVIOUS ?? null },
    statusPage: {
      showNames: values.SHOW_NAMES,
      portal: values.GRAPH_ENDPOINT === undefined ? adminCenters[values.GRAPH_CLOUD] : null,
      runbook: values.RUNBOOK_URL ?? null,
    },
    operators:
      values.OPERATORS_AUDIENCE === undefined || values.AZURE_TENANT_ID === undefined
        ? null
        : {
            audience: values.OPERATORS_AUDIENCE,
            tenantId: values.AZURE_TENANT_ID,
            authority: issuer,
            appServiceAuthentication: values.WEBSITE_AUTH_ENABLED,
          },
    credential: toCredentialSettings(values, authority),
    storage: toStorageSettings(values),
    insights:
      values.APPLICATIONINSIGHTS_CONNECTION_STRING === undefined
        ? null
        : {
            ...values.APPLICATIONINSIGHTS_CONNECTION_STRING,
            identity: values.APPLICATIONINSIGHTS_AUTHENTICATION_STRING ?? null,
          },
  };
}

/** Where tokens come from, and Microsoft Graph without a version (Graph docs: deployments). Tokens do not cross clouds. */
const graphClouds = {
  global: { authority: "https://login.microsoftonline.com", graph: "https://graph.microsoft.com" },
  usGovL4: { authority: "https://login.microsoftonline.us", graph: "https://graph.microsoft.us" },
  usGovL5: { authority: "https://login.microsoftonline.us", graph: "https://dod-graph.microsoft.us" },
  china: { authority: "https://login.chinacloudapi.cn", graph: "https://microsoftgraph.chinacloudapi.cn" },
} as const satisfies Readonly<Record<GraphCloud, { readonly authority: string; readonly graph: string }>>;

/** A CRON expression of six fields, seconds first (Azure docs: Timer trigger for Azure Functions). */
const resyncSchedule = (seconds: number): string =>
  seconds < 60 ? `*/${seconds} * * * * *` : `0 */${seconds / 60} * * * *`;

/** Null when there is no receiver. The webhook without a number is channel 0. */
function toNotify(values: Values): NotifySettings | null {
  const { NOTIFY_WEBHOOK_URL: url, NOTIFY_WEBHOOK_SECRET: secrets } = values;
  const first: readonly ChannelSettings[] =
    url === undefined || secrets === undefined
      ? []
      : [{ number: 0, format: "standard", url, secrets, filter: usualFilter }];
  const mail = toMail(values);
  const channels = [...first, ...toChannels(values, mail)];
  const person = toPerson(values, mail);
  const { SHOW_NAMES: showNames, SHOW_JUSTIFICATION: showJustification } = values;
  return channels.length === 0 && person === null ? null : { channels, showNames, showJustification, person };
}

/** Null when subscriptions are switched off, or when no setting says under which address Graph reaches the app. */
function toSubscriptionSettings(values: Values): SubscriptionSettings | null {
  const baseUrl = values.NOTIFICATION_BASE_URL ?? values.WEBSITE_HOSTNAME;
  if (values.GRAPH_SUBSCRIPTIONS === "off" || baseUrl === undefined) return null;
  return { beyondQuota: values.GRAPH_SUBSCRIPTIONS === "allGroups" ? "allGroups" : "poll", baseUrl };
}

/** The credential that the settings name; a secret or certificate counts only together with tenant and client id. */
function toCredentialSettings(values: Values, authorityHost: string): CredentialSettings {
  const { AZURE_CLIENT_ID: clientId, AZURE_TENANT_ID: tenantId } = values;
  const { AZURE_CLIENT_SECRET: clientSecret, AZURE_CLIENT_CERTIFICATE_PATH: certificatePath } = values;
  if (clientId !== undefined && tenantId !== undefined) {
    const app = { tenantId, clientId, authorityHost };
    if (clientSecret !== undefined) return { kind: "clientSecret", ...app, clientSecret };
    if (certificatePath !== undefined) return { kind: "clientCertificate", ...app, certificatePath };
  }
  return { kind: "managedIdentity", clientId };
}

/** The storage that the settings name. A service URI has precedence over the account's name, as in the Functions host. */
function toStorageSettings(values: Values): StorageSettings {
  if (values.AzureWebJobsStorage !== undefined) return values.AzureWebJobsStorage;
  const account = values.AzureWebJobsStorage__accountName;
  const urlOf = (service: string) =>
    account === undefined ? undefined : `https://${account}.${service}.core.windows.net`;
  const tableUrl = values.AzureWebJobsStorage__tableServiceUri ?? urlOf("table");
  const queueUrl = values.AzureWebJobsStorage__queueServiceUri ?? urlOf("queue");
  if (tableUrl === undefined || queueUrl === undefined) throw new Error("No storage is set.");
  return { kind: "identity", clientId: values.AzureWebJobsStorage__clientId, tableUrl, queueUrl };
}
