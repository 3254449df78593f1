import type { PolicySettings } from "../revocation/policy.ts";
import type { ThresholdLimits } from "../revocation/threshold-limits.ts";
import type { Secrets } from "../secrets/derive-key.ts";
import type { CredentialSettings } from "./credential-settings.ts";
import type { graphClouds } from "./graph-clouds.ts";
import type { InsightsSettings } from "./insights-settings.ts";
import type { StorageSettings } from "./storage-settings.ts";
import type { SubscriptionSettings } from "./subscription-settings.ts";

/** Who may give orders and see people: whoever Entra gave an app role of this app registration. */
export interface OperatorSettings {
  /** Client id of the app registration that operators' tokens are for. */
  readonly audience: string;
  readonly tenantId: string;
  /** Where the tenant's OpenID configuration is, without a slash at the end. */
  readonly authority: string;
  /** App Service authentication is on: the platform vouches for its own header. */
  readonly appServiceAuthentication: boolean;
}

/** Everything that can be configured, valid and complete. Durations in milliseconds. */
export interface Settings {
  readonly policy: PolicySettings;
  readonly threshold: ThresholdLimits;
  /** Role names and template ids, as written. */
  readonly enforcedRoles: "all" | readonly string[];
  /** Groups whose roles and members are watched: `auto`, or their object ids. */
  readonly watchedGroups: "auto" | "none" | ReadonlySet<string>;
  /** Where outcomes are told to; null = nowhere. */
  readonly notify: { readonly url: string; readonly secret: Uint8Array } | null;
  /** Milliseconds that the records of outcomes and orders are kept. */
  readonly retention: number;
  readonly resync: {
    readonly intervalMs: number;
    /** The same interval as a CRON expression of six fields, seconds first. */
    readonly schedule: string;
  };
  /** Activities of the audit log, by name, whose target user is signed out. */
  readonly auditRules: ReadonlySet<string>;
  /** The event hub that Entra's diagnostic setting `AuditLogs` writes to; null when there is none. Its connection is the host's to read. */
  readonly auditStream: { readonly eventHubName: string; readonly consumerGroup: string } | null;
  readonly graph: {
    readonly cloud: keyof typeof graphClouds;
    /** Microsoft Graph without a version and without a slash at the end. */
    readonly baseUrl: string;
    readonly authority: string;
    readonly scope: string;
  };
  /** Null: nothing is subscribed to, and nothing from outside is listened to. */
  readonly subscriptions: SubscriptionSettings | null;
  /** The tenant, where a setting names it. */
  readonly tenantId: string | null;
  /** What the app derives its keys from: never logged. */
  readonly secrets: Secrets;
  /** Null: nobody is an operator. */
  readonly operators: OperatorSettings | null;
  readonly credential: CredentialSettings;
  readonly storage: StorageSettings;
  /** Null when telemetry is log lines only. */
  readonly insights: InsightsSettings | null;
}
