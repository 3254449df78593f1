import { splitIds } from "./fields.ts";
import type { RawSettings, SettingProblem } from "./settings.ts";

/**
 * What settings demand of each other. It is checked on the texts and not on the parsed values, so that a wrong value elsewhere never hides
 * one of these problems.
 */
export const settingRelations = (raw: RawSettings): readonly SettingProblem[] => [
  ...enforceNeedsScope(raw),
  ...includedOrExcluded(raw),
  ...newSecret(raw),
  ...operatorsTenant(raw),
  ...completeCredential(raw),
  ...signedWebhook(raw),
  ...oneStorage(raw),
  ...wholeAuditStream(raw),
];

/** Signing people out is never the result of a setting that somebody forgot. */
function enforceNeedsScope({ CUTOFF_MODE, INCLUDED_PRINCIPALS }: RawSettings): SettingProblem[] {
  if (CUTOFF_MODE?.toLowerCase() !== "enforce" || INCLUDED_PRINCIPALS !== undefined) return [];
  const expected = "all, or object ids separated by commas, because CUTOFF_MODE is enforce";
  return [{ setting: "INCLUDED_PRINCIPALS", found: "nothing", expected, example: "all" }];
}

function includedOrExcluded({ INCLUDED_PRINCIPALS = "", EXCLUDED_PRINCIPALS = "" }: RawSettings): SettingProblem[] {
  const included = new Set(splitIds(INCLUDED_PRINCIPALS));
  const both = [...new Set(splitIds(EXCLUDED_PRINCIPALS))].filter((id) => included.has(id)).length;
  if (both === 0) return [];
  return [
    {
      setting: "EXCLUDED_PRINCIPALS",
      found: `${both} of the ids that are in INCLUDED_PRINCIPALS too`,
      expected: "each object id in one of the two lists",
      example: "INCLUDED_PRINCIPALS=all with the exceptions in EXCLUDED_PRINCIPALS",
    },
  ];
}

/** Somebody who copied the same secret twice believes it rotated. */
function newSecret({ CUTOFF_SECRET, CUTOFF_SECRET_PREVIOUS }: RawSettings): SettingProblem[] {
  if (CUTOFF_SECRET === undefined || CUTOFF_SECRET !== CUTOFF_SECRET_PREVIOUS) return [];
  const found = "the same secret as in CUTOFF_SECRET";
  const example = "(remove CUTOFF_SECRET_PREVIOUS)";
  return [{ setting: "CUTOFF_SECRET_PREVIOUS", found, expected: "nothing, or the secret before", example }];
}

/** Nobody is told anything that they cannot verify. */
function signedWebhook({ NOTIFY_WEBHOOK_URL, NOTIFY_WEBHOOK_SECRET }: RawSettings): SettingProblem[] {
  if ((NOTIFY_WEBHOOK_URL === undefined) === (NOTIFY_WEBHOOK_SECRET === undefined)) return [];
  const setting = NOTIFY_WEBHOOK_URL === undefined ? "NOTIFY_WEBHOOK_URL" : "NOTIFY_WEBHOOK_SECRET";
  const expected = "NOTIFY_WEBHOOK_URL and NOTIFY_WEBHOOK_SECRET together, or neither";
  return [{ setting, found: "nothing", expected, example: "(set both)" }];
}

/** A token says who somebody is only together with the tenant that says so. */
function operatorsTenant({ OPERATORS_AUDIENCE, AZURE_TENANT_ID }: RawSettings): SettingProblem[] {
  if (OPERATORS_AUDIENCE === undefined || AZURE_TENANT_ID !== undefined) return [];
  const expected = "the id of the operators' tenant, because OPERATORS_AUDIENCE is set";
  return [{ setting: "AZURE_TENANT_ID", found: "nothing", expected, example: "3f2504e0-4f89-11d3-9a0c-0305e82c3301" }];
}

function completeCredential(raw: RawSettings): SettingProblem[] {
  const { AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH } = raw;
  if (AZURE_CLIENT_SECRET === undefined && AZURE_CLIENT_CERTIFICATE_PATH === undefined) return [];
  const problems: SettingProblem[] = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID"]
    .filter((setting) => raw[setting] === undefined)
    .map((setting) => ({
      setting,
      found: "nothing",
      expected:
        "the id that the client secret or certificate belongs to; without a secret or certificate the managed identity is used",
      example: "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    }));
  if (AZURE_CLIENT_SECRET !== undefined && AZURE_CLIENT_CERTIFICATE_PATH !== undefined) {
    problems.push({
      setting: "AZURE_CLIENT_SECRET",
      found: "a client secret beside AZURE_CLIENT_CERTIFICATE_PATH",
      expected: "a client secret or a certificate, not both",
      example: "(remove AZURE_CLIENT_SECRET)",
    });
  }
  return problems;
}

/** Half a stream would be a source that is silently not read. */
function wholeAuditStream(raw: RawSettings): SettingProblem[] {
  const needed = {
    AUDIT_EVENTHUB_NAME: "insights-logs-auditlogs",
    AUDIT_EVENTHUB__fullyQualifiedNamespace: "pimcutoff.servicebus.windows.net",
  };
  const isWanted = Object.keys(raw).some((name) => /^AUDIT_EVENTHUB(?:$|_)/.test(name) && raw[name] !== undefined);
  if (!isWanted) return [];
  return Object.entries(needed)
    .filter(([setting]) => raw[setting] === undefined)
    .map(([setting, example]) => ({
      setting,
      found: "nothing",
      expected:
        "the event hub's name and the host name of its namespace, because another AUDIT_EVENTHUB setting is there",
      example,
    }));
}

function oneStorage(raw: RawSettings): SettingProblem[] {
  const account = raw.AzureWebJobsStorage__accountName;
  const [table, queue] = [raw.AzureWebJobsStorage__tableServiceUri, raw.AzureWebJobsStorage__queueServiceUri];
  const byIdentity = [account, table, queue].some((value) => value !== undefined);
  if (raw.AzureWebJobsStorage !== undefined) {
    if (!byIdentity) return [];
    return [
      {
        setting: "AzureWebJobsStorage",
        found: "a connection string beside AzureWebJobsStorage__ settings for an identity",
        expected: "one of the two, so that it is certain which storage the app believes",
        example: "(remove AzureWebJobsStorage)",
      },
    ];
  }
  if (account !== undefined || (table !== undefined && queue !== undefined)) return [];
  const setting =
    table !== undefined ? "__queueServiceUri" : queue !== undefined ? "__tableServiceUri" : "__accountName";
  return [
    {
      setting: `AzureWebJobsStorage${setting}`,
      found: "nothing",
      expected:
        "where the app's storage is: AzureWebJobsStorage__accountName, or __tableServiceUri and __queueServiceUri, " +
        "or a connection string in AzureWebJobsStorage",
      example: setting === "__accountName" ? "pimcutoff" : `https://pimcutoff.${setting.slice(2, 7)}.core.windows.net`,
    },
  ];
}
