import { channelRelations } from "./channels.ts";
import { helpFor } from "./definitions.ts";
import { editDistance, splitIds } from "./fields.ts";
import { mailRelations } from "./person.ts";
import type { RawSettings, SettingProblem } from "./settings.ts";

/**
 * Checks what settings demand of each other. The checks use the texts and not the parsed values, so that a wrong value of another setting never
 * hides one of these problems.
 */
export const settingRelations = (raw: RawSettings): readonly SettingProblem[] => [
  ...enforceNeedsScope(raw),
  ...includedOrExcluded(raw),
  ...newSecret(raw),
  ...operatorsTenant(raw),
  ...completeCredential(raw),
  ...signedWebhook(raw),
  ...channelRelations(raw),
  ...mailRelations(raw),
  ...oneStorage(raw),
  ...wholeAuditStream(raw),
];

/** The problem of a required setting that is missing. */
const missing = (setting: string, expected: string, example = helpFor(setting)?.example ?? ""): SettingProblem => ({
  setting,
  found: "nothing",
  expected,
  example,
});

/** A forgotten setting must never lead to signing people out. */
function enforceNeedsScope({ CUTOFF_MODE, INCLUDED_PRINCIPALS }: RawSettings): SettingProblem[] {
  if (CUTOFF_MODE?.toLowerCase() !== "enforce" || INCLUDED_PRINCIPALS !== undefined) return [];
  const expected = "all, or object ids separated by commas, because CUTOFF_MODE is enforce";
  return [missing("INCLUDED_PRINCIPALS", expected, "all")];
}

/** An id in both lists contradicts itself, so neither list may win by accident. */
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

/** The same secret twice is no rotation, although the operator believes so. */
function newSecret({ CUTOFF_SECRET, CUTOFF_SECRET_PREVIOUS }: RawSettings): SettingProblem[] {
  if (CUTOFF_SECRET === undefined || CUTOFF_SECRET !== CUTOFF_SECRET_PREVIOUS) return [];
  return [
    {
      setting: "CUTOFF_SECRET_PREVIOUS",
      found: "the same secret as in CUTOFF_SECRET",
      expected: "nothing, or the secret before",
      example: "(remove CUTOFF_SECRET_PREVIOUS)",
    },
  ];
}

/** A token identifies an operator only together with the tenant that issued it. */
function operatorsTenant({ OPERATORS_AUDIENCE, AZURE_TENANT_ID }: RawSettings): SettingProblem[] {
  if (OPERATORS_AUDIENCE === undefined || AZURE_TENANT_ID !== undefined) return [];
  return [missing("AZURE_TENANT_ID", "the id of the operators' tenant, because OPERATORS_AUDIENCE is set")];
}

/** A client secret or certificate is one of an app registration in a tenant, and only one of the two can be used. */
function completeCredential(raw: RawSettings): SettingProblem[] {
  const { AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH } = raw;
  if (AZURE_CLIENT_SECRET === undefined && AZURE_CLIENT_CERTIFICATE_PATH === undefined) return [];
  const expected =
    "the id that the client secret or certificate belongs to; without a secret or certificate the managed identity is used";
  const problems = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID"]
    .filter((setting) => raw[setting] === undefined)
    .map((setting) => missing(setting, expected));
  if (AZURE_CLIENT_SECRET === undefined || AZURE_CLIENT_CERTIFICATE_PATH === undefined) return problems;
  return [
    ...problems,
    {
      setting: "AZURE_CLIENT_SECRET",
      found: "a client secret beside AZURE_CLIENT_CERTIFICATE_PATH",
      expected: "a client secret or a certificate, not both",
      example: "(remove AZURE_CLIENT_SECRET)",
    },
  ];
}

/** Every outcome that is sent must be signed, so that its receiver can verify it. */
function signedWebhook({ NOTIFY_WEBHOOK_URL, NOTIFY_WEBHOOK_SECRET }: RawSettings): SettingProblem[] {
  if ((NOTIFY_WEBHOOK_URL === undefined) === (NOTIFY_WEBHOOK_SECRET === undefined)) return [];
  const setting = NOTIFY_WEBHOOK_URL === undefined ? "NOTIFY_WEBHOOK_URL" : "NOTIFY_WEBHOOK_SECRET";
  return [missing(setting, "NOTIFY_WEBHOOK_URL and NOTIFY_WEBHOOK_SECRET together, or neither", "(set both)")];
}

/** With only a part of its settings the stream would silently not be read. */
function wholeAuditStream(raw: RawSettings): SettingProblem[] {
  const isWanted = Object.keys(raw).some((name) => /^AUDIT_EVENTHUB(?:$|_)/.test(name) && raw[name] !== undefined);
  if (!isWanted) return [];
  const expected =
    "the event hub's name and the host name of its namespace, because another AUDIT_EVENTHUB setting is there";
  return ["AUDIT_EVENTHUB_NAME", "AUDIT_EVENTHUB__fullyQualifiedNamespace"]
    .filter((setting) => raw[setting] === undefined)
    .map((setting) => missing(setting, expected));
}

/** The app acts on stored rows, so it must be certain which storage is meant. */
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
  const name = table !== undefined ? "queueServiceUri" : queue !== undefined ? "tableServiceUri" : "accountName";
  const expected =
    "where the app's storage is: AzureWebJobsStorage__accountName, or __tableServiceUri and __queueServiceUri, " +
    "or a connection string in AzureWebJobsStorage";
  return [missing(`AzureWebJobsStorage__${name}`, expected)];
}

/** Settings of the Functions host whose names are so near to ours that they would count as misspelt. */
const foreign: ReadonlySet<string> = new Set(["AzureWebJobsStorage__blobServiceUri"]);

/** Settings of earlier editions, and why they are gone. */
const gone: ReadonlyMap<string, string> = new Map([
  ["WHEN_UNREADABLE", "nothing: nobody is cut without proof while Graph cannot be read (docs/faq.md)"],
  ["REVOKE_WHEN_REACTIVATED", "nothing: a user who holds the role again has lost nothing (docs/faq.md)"],
]);

/** Reports settings that are gone: an operator who sets one would otherwise believe that it works. */
export const goneSettings = (raw: RawSettings): readonly SettingProblem[] =>
  Object.keys(raw).flatMap((setting) => {
    const expected = gone.get(setting);
    if (expected === undefined) return [];
    return [{ setting, found: "a setting that is gone", expected, example: `(remove ${setting})` }];
  });

/**
 * Reports settings whose name is almost one of ours: a safety setting that is silently not read is worse than an app that does not start.
 * Their values are never shown.
 */
export const misspeltSettings = (raw: RawSettings, names: readonly string[]): readonly SettingProblem[] =>
  Object.keys(raw).flatMap((setting) => {
    if (names.includes(setting) || foreign.has(setting)) return [];
    const meant = names.find((name) => looksLike(setting, name));
    if (meant === undefined) return [];
    return {
      setting,
      found: "a setting that does not exist",
      expected: `a name that exists: did you mean ${meant}?`,
      example: meant,
    };
  });

function looksLike(setting: string, name: string): boolean {
  const [given, known] = [plain(setting), plain(name)];
  // Short names are near to many others: a fifth of the name may differ, but never more than two characters.
  const tolerance = Math.min(2, Math.floor(known.length / 5));
  return Math.abs(given.length - known.length) <= tolerance && editDistance(given, known, tolerance) <= tolerance;
}

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");
