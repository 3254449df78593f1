import type { CredentialSettings } from "./credential-settings.ts";
import type { graphClouds } from "./graph-clouds.ts";
import type { StorageSettings } from "./storage-settings.ts";

/** Everything that can be configured, valid and complete. Durations in milliseconds. */
export interface Settings {
  readonly policy: {
    /** `off`: do nothing; `reportOnly`: record what would be done; `enforce`: revoke. */
    readonly mode: "off" | "reportOnly" | "enforce";
    /** Emergency stop by setting. */
    readonly stopped: boolean;
    /** Object ids, lower case. */
    readonly included: "all" | ReadonlySet<string>;
    /** Object ids, lower case; none of them is in `included`. */
    readonly excluded: ReadonlySet<string>;
    readonly staleAfter: number;
    readonly whenUnreadable: "hold" | "revoke";
    readonly revokeWhenReactivated: boolean;
  };
  readonly resync: {
    readonly intervalMs: number;
    /** The same interval as a CRON expression of six fields, seconds first. */
    readonly schedule: string;
  };
  readonly graph: {
    readonly cloud: keyof typeof graphClouds;
    /** Microsoft Graph without a version and without a slash at the end. */
    readonly baseUrl: string;
    readonly authority: string;
    readonly scope: string;
  };
  readonly credential: CredentialSettings;
  readonly storage: StorageSettings;
}
