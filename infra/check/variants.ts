/** What the template refuses before anything is made, and what it says then. */
export interface Refused {
  readonly environment: Readonly<Record<string, string>>;
  readonly says: string;
}

/** What an adopter may set, once for each way to deploy; each is expanded into a snapshot of all resources. */
export interface Variant {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
}

const id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
const deployer = { AZURE_PRINCIPAL_ID: id, ALERT_ADDRESSES: "soc@contoso.example" };

export const variants: readonly Variant[] = [
  { name: "default", environment: { ...deployer, AZURE_ENV_NAME: "prod", AZURE_LOCATION: "westeurope" } },
  {
    name: "private-network",
    environment: {
      ...deployer,
      AZURE_ENV_NAME: "private",
      AZURE_LOCATION: "westeurope",
      PRIVATE_NETWORKING: "true",
      NETWORK_RANGE: "10.1.2.0/24",
      MAIL_DATA_LOCATION: "Norway",
      MAIL_DOMAIN_ID: `/subscriptions/${id}/resourceGroups/rg-pim-cutoff-private/providers/Microsoft.Communication/emailServices/mail-pim-cutoff-x/domains/contoso.example`,
      MAIL_SENDER: "pim@contoso.example",
      NOTIFY_1_FORMAT: "teams",
      NOTIFY_2_FORMAT: "slack",
      NOTIFY_PERSON: "beforeAndAfter",
      NOTIFY_PERSON_HELP_URL: "https://intranet.contoso.example/signed-out",
      NOTIFY_PERSON_MINUTES: "15",
      NOTIFY_PERSON_TO: "otherMails",
    },
  },
  {
    name: "private-inbound",
    environment: {
      ...deployer,
      AZURE_ENV_NAME: "closed",
      AZURE_LOCATION: "westus",
      PRIVATE_NETWORKING: "true",
      PUBLIC_INBOUND: "false",
      GRAPH_SUBSCRIPTIONS: "off",
      NOTIFY_1_FORMAT: "mail",
      NOTIFY_1_TO: "soc@contoso.example, ada@contoso.example",
      NOTIFY_2_FORMAT: "mail",
      NOTIFY_2_TO: "soc@contoso.example, ada@contoso.example",
      NOTIFY_3_FORMAT: "mail",
      NOTIFY_3_TO: "soc@contoso.example, ada@contoso.example",
      NOTIFY_4_FORMAT: "mail",
      NOTIFY_4_TO: "soc@contoso.example, ada@contoso.example",
      NOTIFY_5_FORMAT: "mail",
      NOTIFY_5_TO: "soc@contoso.example, ada@contoso.example",
      NOTIFY_6_FORMAT: "mail",
      NOTIFY_6_TO: "soc@contoso.example, ada@contoso.example",
      NOTIFY_7_FORMAT: "mail",
      NOTIFY_7_TO: "soc@contoso.example, ada@contoso.example",
      NOTIFY_8_FORMAT: "mail",
      NOTIFY_8_TO: "soc@contoso.example, ada@contoso.example",
      PRIVATE_ZONES: `/subscriptions/${id}/resourceGroups/rg-hub-zones`,
    },
  },
  // The longest name, and everything that can be set.
  {
    name: "other-cloud",
    environment: {
      AZURE_ENV_NAME: "governments1",
      AZURE_LOCATION: "usgovvirginia",
      AZURE_PRINCIPAL_ID: id,
      ALERT_ADDRESSES: "soc@contoso.example, ada@contoso.example",
      ALERT_EVERY: "PT15M",
      ALWAYS_READY_HTTP: "2",
      ALWAYS_READY_PRINCIPALS: "2",
      ALWAYS_READY_RESYNC: "0",
      ALWAYS_READY_HEARTBEAT: "0",
      ALWAYS_READY_AUDIT_STREAM: "1",
      AUDIT_RULES: "Reset password",
      AUDIT_STREAM: "true",
      COALESCE_MINUTES: "5",
      CUTOFF_MODE: "enforce",
      CUTOFF_STOP: "true",
      ENFORCED_ROLES: "Global Administrator",
      LATE_EXEMPTIONS: "honour",
      EXCLUDED_PRINCIPALS: id,
      GRAPH_CLOUD: "usGovL4",
      GRAPH_SUBSCRIPTIONS: "allGroups",
      INCLUDED_PRINCIPALS: "all",
      LOG_RETENTION_DAYS: "180",
      MAXIMUM_INSTANCES: "100",
      NODE_VERSION: "22",
      NOTIFICATION_BASE_URL: "https://pim.contoso.example",
      NOTIFY_1_FILTER: "tier0, attention",
      NOTIFY_1_FORMAT: "standard",
      NOTIFY_2_FILTER: "tier0, attention",
      NOTIFY_2_FORMAT: "standard",
      NOTIFY_3_FILTER: "tier0, attention",
      NOTIFY_3_FORMAT: "standard",
      NOTIFY_4_FILTER: "tier0, attention",
      NOTIFY_4_FORMAT: "standard",
      NOTIFY_5_FILTER: "tier0, attention",
      NOTIFY_5_FORMAT: "standard",
      NOTIFY_6_FILTER: "tier0, attention",
      NOTIFY_6_FORMAT: "standard",
      NOTIFY_7_FILTER: "tier0, attention",
      NOTIFY_7_FORMAT: "standard",
      NOTIFY_8_FILTER: "tier0, attention",
      NOTIFY_8_FORMAT: "standard",
      NOTIFY_WEBHOOK_URL: "https://hooks.contoso.example/pim",
      OPERATORS_AUDIENCE: id,
      OPERATOR_SIGN_IN: "true",
      RECOVER_VAULT: "true",
      RESYNC_SECONDS: "30",
      RETENTION_DAYS: "180",
      RUNBOOK_URL: "https://wiki.contoso.example/operate",
      ROTATING_SECRET: "true",
      SENTINEL_TABLES: "AppEvents, AuditLogs, AzureActivity",
      SHOW_JUSTIFICATION: "true",
      SHOW_NAMES: "false",
      STALE_AFTER_HOURS: "24",
      STORAGE_REDUNDANCY: "Standard_LRS",
      THRESHOLD_PLANNED: "50",
      THRESHOLD_UNPLANNED: "5",
      WATCHED_GROUPS: "none",
    },
  },
];

const minimal = { ALERT_ADDRESSES: "none" };

export const refused: readonly Refused[] = [
  { environment: {}, says: 'Environment variable "ALERT_ADDRESSES" does not exist' },
  { environment: { ...minimal, AZURE_ENV_NAME: "pim-prod" }, says: "lower-case letters and digits only, not -" },
  { environment: { ...minimal, PUBLIC_INBOUND: "false" }, says: "needs PRIVATE_NETWORKING=true" },
  {
    environment: { ...minimal, PUBLIC_INBOUND: "false", PRIVATE_NETWORKING: "true" },
    says: "needs GRAPH_SUBSCRIPTIONS=off",
  },
  { environment: { ...minimal, OPERATOR_SIGN_IN: "true" }, says: "needs OPERATORS_AUDIENCE" },
  { environment: { ...minimal, ALWAYS_READY_PRINCIPALS: "0" }, says: "greater than or equal to '1'" },
  {
    environment: { ...minimal, NOTIFY_PERSON: "after", GRAPH_CLOUD: "china" },
    says: "NOTIFY_PERSON needs the public cloud",
  },
  {
    environment: { ...minimal, NOTIFY_4_FORMAT: "mail", GRAPH_CLOUD: "usGovL4" },
    says: "NOTIFY_4_FORMAT=mail needs the public cloud",
  },
  { environment: { ...minimal, CUTOFF_STOP: "ture" }, says: "'ture'" },
];
