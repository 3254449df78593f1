import type { Secrets } from "../base/keys.ts";

/** App settings as the environment holds them: names and texts. */
export type RawSettings = Readonly<Record<string, string | undefined>>;

/** Everything that can be configured, valid and complete. Durations in milliseconds. */
export interface Settings {
  readonly policy: PolicySettings;
  readonly threshold: ThresholdLimits;
  /** Role names and template ids, as written. */
  readonly enforcedRoles: "all" | readonly string[];
  /** Groups whose roles and members are watched: `auto`, or their object ids. */
  readonly watchedGroups: "auto" | "none" | ReadonlySet<string>;
  /** The receivers of outcomes and alarms; null = none. */
  readonly notify: NotifySettings | null;
  /** Milliseconds that the records of outcomes and orders are kept. */
  readonly retention: number;
  readonly resync: {
    readonly intervalMs: number;
    /** The same interval as a CRON expression of six fields, seconds first. */
    readonly schedule: string;
  };
  /** Functions of which the deployment keeps an instance ready; null: the settings do not say. */
  readonly alwaysReady: ReadonlySet<string> | null;
  /** Activities of the audit log, by name, whose target user is signed out. */
  readonly auditRules: ReadonlySet<string>;
  /** The event hub that Entra's diagnostic setting `AuditLogs` writes to; null when there is none. Only the host reads its connection. */
  readonly auditStream: { readonly eventHubName: string; readonly consumerGroup: string } | null;
  readonly graph: {
    readonly cloud: GraphCloud;
    /** Microsoft Graph without a version and without a slash at the end. */
    readonly baseUrl: string;
    readonly authority: string;
    readonly scope: string;
  };
  /** Null: the app subscribes to nothing, and has no address for Graph. */
  readonly subscriptions: SubscriptionSettings | null;
  /** The tenant, where a setting names it. */
  readonly tenantId: string | null;
  /** The secrets from which the app derives its keys: never logged. */
  readonly secrets: Secrets;
  readonly statusPage: {
    readonly showNames: boolean;
    /** Entra's admin center; null where Graph itself is another than Microsoft's. */
    readonly portal: string | null;
    /** Where operators read the runbook; null: the app does not know. */
    readonly runbook: string | null;
  };
  /** Null: nobody is an operator. */
  readonly operators: OperatorSettings | null;
  readonly credential: CredentialSettings;
  readonly storage: StorageSettings;
  /** Null when telemetry is log lines only. */
  readonly insights: InsightsSettings | null;
}

/** How a user is cut. The settings and the resolved policy of a decision share these fields. */
export interface PolicyRules {
  readonly mode: "off" | "reportOnly" | "enforce";
  /** The emergency stop by setting; the one by operator call is a row in storage. */
  readonly stopped: boolean;
  /** Milliseconds after the last possible moment of holding. After them every token has expired, so a revoke would only hurt. */
  readonly staleAfter: number;
  /** Milliseconds after its end that the revoke for a lesser role may wait for another known end of the same user; 0 = not at all. */
  readonly coalesceWithin: number;
  /** Whether membership of an excluded group exempts if it is younger than the privilege: `ignore` or `honour` it. */
  readonly lateExemptions: "ignore" | "honour";
}

/** Who may be cut, and how: as the app settings say. */
export interface PolicySettings extends PolicyRules {
  /** Object ids of users and groups. */
  readonly included: "all" | ReadonlySet<string>;
  readonly excluded: ReadonlySet<string>;
}

export interface NotifySettings {
  readonly channels: readonly ChannelSettings[];
  /** Whether messages to people name people and groups. */
  readonly showNames: boolean;
  /** Whether messages quote the justification and ticket that the user entered at the activation. */
  readonly showJustification: boolean;
  /** Mails to the person who is signed out; null = none. */
  readonly person: PersonSettings | null;
}

export interface PersonSettings {
  /** Milliseconds before an announced end; null = only after it. */
  readonly before: number | null;
  readonly to: RecipientKind;
  /** A page of the organisation that a mail names; null = none. */
  readonly helpUrl: string | null;
  readonly mail: MailSettings;
}

/** Azure Communication Services. */
export interface MailSettings {
  /** Origin of the resource. */
  readonly endpoint: string;
  readonly sender: string;
}

/** The address of a person that a mail goes to. */
export type RecipientKind = "mail" | "otherMails" | "manager";

export type ChannelFormat = "standard" | "teams" | "slack" | "mail";

/** Which outcomes and alarms a channel gets: those that match any of its words. */
export type FilterWord = "outcomes" | "alarms" | "tier0" | "attention";

/** One receiver of outcomes and alarms. */
export type ChannelSettings = WebhookSettings | MailChannelSettings;

interface AnyChannel {
  /** 0 is the webhook without a number. */
  readonly number: number;
  readonly filter: ReadonlySet<FilterWord>;
}

export interface WebhookSettings extends AnyChannel {
  readonly format: Exclude<ChannelFormat, "mail">;
  /** A secret: never logged, never shown. */
  readonly url: string;
  /** Secrets that sign messages of the format `standard`: one, or two during a rotation. Never logged. */
  readonly secrets: readonly Uint8Array[];
}

export interface MailChannelSettings extends AnyChannel {
  readonly format: "mail";
  /** Addresses: never logged. */
  readonly to: readonly string[];
  readonly mail: MailSettings;
}

/** Clouds that have a Microsoft Graph of their own (Graph docs: deployments). */
export type GraphCloud = "global" | "usGovL4" | "usGovL5" | "china";

/** Entra's admin center of each cloud (Entra docs: Microsoft Entra FAQ names the three hosts; that L5 uses the host of L4 is inferred). */
export const adminCenters: Readonly<Record<GraphCloud, string>> = {
  global: "https://entra.microsoft.com",
  usGovL4: "https://entra.microsoft.us",
  usGovL5: "https://entra.microsoft.us",
  china: "https://entra.microsoftonline.cn",
};

/** The pages of a user and of a group there, by object id. Microsoft documents neither path; public tools use both (docs/platform-facts.md). */
export const adminCenterPaths = {
  user: "/#view/Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId/",
  group: "/#view/Microsoft_AAD_IAM/GroupDetailsMenuBlade/~/Overview/groupId/",
};

/** How operators sign in. Operators may give orders and see the affected users; Entra assigns them an app role of this app registration. */
export interface OperatorSettings {
  /** Client id of the app registration that operators' tokens are for. */
  readonly audience: string;
  readonly tenantId: string;
  /** URL under which the tenant's OpenID configuration is found, without a slash at the end. */
  readonly authority: string;
  /** App Service authentication is on: the platform vouches for its own header. */
  readonly appServiceAuthentication: boolean;
}

/** The app's identity in Entra: its managed identity, or an app registration for development. */
export type CredentialSettings =
  | {
      readonly kind: "managedIdentity";
      /** Client id of a user-assigned identity; undefined = the app's system-assigned one. */
      readonly clientId: string | undefined;
    }
  | (AppRegistration & {
      readonly kind: "clientSecret";
      /** A secret: never logged. */
      readonly clientSecret: string;
    })
  | (AppRegistration & {
      readonly kind: "clientCertificate";
      /** PEM file with the certificate and its private key. */
      readonly certificatePath: string;
    });

interface AppRegistration {
  readonly tenantId: string;
  readonly clientId: string;
  /** The authority of the tenant's cloud, e.g. `https://login.microsoftonline.com`. */
  readonly authorityHost: string;
}

/** Where the tables and queues are, and how the app authenticates to them. */
export type StorageSettings = SharedKeyStorage | IdentityStorage;

export interface SharedKeyStorage {
  readonly kind: "sharedKey";
  readonly accountName: string;
  /** A secret: never logged. */
  readonly accountKey: string;
  /** Service URL without a slash at the end, e.g. `https://account.table.core.windows.net`. */
  readonly tableUrl: string;
  readonly queueUrl: string;
}

interface IdentityStorage {
  readonly kind: "identity";
  /** Client id of a user-assigned managed identity; undefined = the app's system-assigned one. */
  readonly clientId: string | undefined;
  readonly tableUrl: string;
  readonly queueUrl: string;
}

/** Where telemetry goes, and how the app authenticates there. */
export interface InsightsSettings {
  readonly connectionString: string;
  /** Origin of an ingestion endpoint on this machine, the only place to which telemetry may go unencrypted; null for any other. */
  readonly localEndpoint: string | null;
  /** Entra authentication as a managed identity; null when the key in the connection string is enough. */
  readonly identity: { readonly clientId: string | undefined } | null;
}

/** How Graph sends its change notifications to the app. */
export interface SubscriptionSettings {
  /** For more groups than the quota of subscriptions allows: the others by polling (`on`), or one subscription to all groups (`allGroups`). */
  readonly beyondQuota: "poll" | "allGroups";
  /** The app's own origin as Graph reaches it, without a slash at the end. */
  readonly baseUrl: string;
}

/** One problem of the app settings, and how to solve it. */
export interface SettingProblem {
  /** Name of the app setting. */
  readonly setting: string;
  /** The value that was found; only its length if it might hold a secret or a name. */
  readonly found: string;
  readonly expected: string;
  /** A value that would be accepted. */
  readonly example: string;
}

/** The settings, or all their problems. */
export type SettingsReading =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly SettingProblem[] };

/** Limits on the distinct users who are cut within ten minutes; more are held. From the app settings. */
export interface ThresholdLimits {
  /** Null: the larger of 25 and 15 % of the watched users. */
  readonly planned: number | null;
  readonly unplanned: number;
}

/** The largest limit: the users that count against it are kept in one row of a table, 1 MiB at most. */
export const largestLimit = 3000;
