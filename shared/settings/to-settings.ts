import type { z } from "zod";
import { toCredentialSettings } from "./credential-settings.ts";
import { graphClouds } from "./graph-clouds.ts";
import { resyncSchedule } from "./resync-schedule.ts";
import type { Settings } from "./settings.ts";
import type { settingsSchema } from "./settings-schema.ts";
import { toStorageSettings } from "./storage-settings.ts";
import { toSubscriptionSettings } from "./subscription-settings.ts";

const minute = 60 * 1000;
const hour = 60 * minute;

/** Groups the values by what they are for. The token's audience is the cloud's Graph, wherever `GRAPH_ENDPOINT` sends the calls. */
export function toSettings(values: z.infer<typeof settingsSchema>): Settings {
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
    },
    enforcedRoles: values.ENFORCED_ROLES,
    watchedGroups: values.WATCHED_GROUPS,
    threshold: { planned: values.THRESHOLD_PLANNED ?? null, unplanned: values.THRESHOLD_UNPLANNED },
    notify:
      values.NOTIFY_WEBHOOK_URL === undefined || values.NOTIFY_WEBHOOK_SECRET === undefined
        ? null
        : { url: values.NOTIFY_WEBHOOK_URL, secret: values.NOTIFY_WEBHOOK_SECRET },
    retention: values.RETENTION_DAYS * 24 * hour,
    resync: { intervalMs: values.RESYNC_SECONDS * 1000, schedule: resyncSchedule(values.RESYNC_SECONDS) },
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
