import { readFile } from "node:fs/promises";
import { z } from "zod";
import { hour, minute } from "../base/clock.ts";
import { toChannels, usualFilter } from "./channels.ts";
import { helpFor, settingFields, settingsSchema } from "./definitions.ts";
import { toMail, toPerson } from "./person.ts";
import { goneSettings, misspeltSettings, settingRelations } from "./relations.ts";
import {
  adminCenters,
  type ChannelSettings,
  type CredentialSettings,
  type GraphCloud,
  type NotifySettings,
  type RawSettings,
  type SettingProblem,
  type Settings,
  type SettingsReading,
  type StorageSettings,
  type SubscriptionSettings,
} from "./settings.ts";

/**
 * Reads the app settings; throws nothing and reports all their problems at once. An empty setting counts as missing, blanks around
 * a value do not count, and settings of the platform and of other programs are passed over.
 */
export function readSettings(env: RawSettings): SettingsReading {
  const raw = withoutBlanks(env);
  const parsed = settingsSchema.safeParse(raw);
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => toProblem(issue, raw)),
    ...settingRelations(raw),
    ...goneSettings(raw),
    ...misspeltSettings(raw, Object.keys(settingFields)),
  ];
  return parsed.success && problems.length === 0
    ? { ok: true, settings: toSettings(parsed.data) }
    : { ok: false, problems };
}

const withoutBlanks = (env: RawSettings): RawSettings =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])));

const custom = z.object({ params: z.object({ found: z.string() }) });

function toProblem(issue: z.core.$ZodIssue, raw: RawSettings): SettingProblem {
  const setting = String(issue.path[0]);
  const { expected = "", example = "", shown = false } = helpFor(setting) ?? {};
  const found = custom.safeParse(issue).data?.params.found ?? describe(raw[setting], shown);
  return { setting, found, expected, example };
}

function describe(value: string | undefined, shown: boolean): string {
  if (value === undefined) return "nothing";
  return shown && value.length <= 20 ? JSON.stringify(value) : `a value of ${value.length} characters`;
}

/** The problems as a text for people: one line each. */
export function formatProblems(problems: readonly SettingProblem[]): string {
  const count = problems.length === 1 ? "One problem" : `${problems.length} problems`;
  const lines = problems.map(
    ({ setting, found, expected, example }) =>
      `  ${setting}: found ${found}; expected ${expected} (example: ${example})`,
  );
  return [`${count} with the app settings. Nothing is watched until this is put right:`, ...lines].join("\n");
}

/** The environment of this process. No other code reads `process.env`. */
export const processEnvironment = (): RawSettings => process.env;

/** The settings of this process. */
export const readProcessSettings = (): SettingsReading => readSettings(processEnvironment());

const localSettings = z.object({ Values: z.record(z.string(), z.string()) });
const listed = z.array(z.object({ name: z.string(), value: z.string().nullable() }));

/** A file of app settings that cannot be read; its message names the file and never its content. */
export class SettingsFileError extends Error {
  readonly code = "SETTINGS_FILE_UNREADABLE";
}

/**
 * App settings of a file: `local.settings.json` of the Functions tools, or the list that the Azure CLI prints.
 * @throws SettingsFileError
 */
export async function readSettingsFile(path: string): Promise<RawSettings> {
  const text = await readFile(path, "utf8").catch((error: Error) => {
    throw new SettingsFileError(`${path} cannot be read (${"code" in error ? error.code : error.name}).`);
  });
  const parsed = z.union([localSettings, listed]).safeParse(parse(text));
  if (!parsed.success) {
    throw new SettingsFileError(
      `${path} holds no app settings: expected local.settings.json, or the output of az functionapp config appsettings list.`,
    );
  }
  return Array.isArray(parsed.data)
    ? Object.fromEntries(parsed.data.map(({ name, value }) => [name, value ?? undefined]))
    : parsed.data.Values;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Values = z.infer<typeof settingsSchema>;

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
