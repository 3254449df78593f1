import { isoFraction, isoMilliseconds } from "../iso-time.ts";
import type { Tenant } from "../tenant.ts";
import type { Subscription } from "./subscription.ts";
import type { Change } from "./target.ts";

/** .NET ticks of the Unix epoch; the observed `sequenceNumber` is the event's time in ticks, above 2^53. */
const epochTicks = 621_355_968_000_000_000n;

/**
 * A change notification as users and groups have been seen to send them (Azure docs: Microsoft Entra events; docs-contrib issue
 * 7634): no `id`, no etag, and a `resource` whose case varies.
 */
export function changeNotification(tenant: Tenant, subscription: Subscription, change: Change): object {
  const now = tenant.clock.now();
  const organizationId = tenant.identity.tenantId;
  const { path, type } = shapes[change.kind];
  const isProbe = change.kind === "roleInstances" || change.kind === "directoryAudits";
  const delta = subscription.target?.id === null && change.part !== null ? deltaNode(change) : {};
  return {
    ...common(tenant, subscription),
    changeType: change.changeType,
    resource: `${isProbe || tenant.random.next() < 0.5 ? path : path.toLowerCase()}/${change.id}`,
    resourceData: {
      "@odata.type": type,
      "@odata.id": `${path}/${change.id}`,
      id: change.id,
      organizationId,
      eventTime: isoFraction(now, 7),
      sequenceNumber: String(epochTicks + BigInt(Math.floor(now * 1000)) * 10n),
      ...delta,
    },
  };
}

/** Graph docs: change-notifications-lifecycle-events. */
export function lifecycleNotification(tenant: Tenant, subscription: Subscription, lifecycleEvent: string): object {
  return { ...common(tenant, subscription), lifecycleEvent };
}

/** The collection as text. `JSON.stringify` cannot write a number above 2^53, so it is written as text and unquoted. */
export function collectionText(value: readonly object[], validationTokens: readonly string[]): string {
  const tokens = validationTokens.length === 0 ? {} : { validationTokens };
  return JSON.stringify({ value, ...tokens }).replaceAll(/"sequenceNumber":"(\d+)"/g, '"sequenceNumber":$1');
}

const shapes = {
  groups: { path: "Groups", type: "#Microsoft.Graph.Group" },
  users: { path: "Users", type: "#Microsoft.Graph.User" },
  // Nobody has seen these two: a guess.
  roleInstances: {
    path: "roleManagement/directory/roleAssignmentScheduleInstances",
    type: "#Microsoft.Graph.UnifiedRoleAssignmentScheduleInstance",
  },
  directoryAudits: { path: "auditLogs/directoryAudits", type: "#Microsoft.Graph.DirectoryAudit" },
} as const;

function common(tenant: Tenant, { id, clientState, expiresAt }: Subscription) {
  return {
    subscriptionId: id,
    subscriptionExpirationDateTime: isoMilliseconds(expiresAt).replace("Z", "+00:00"),
    tenantId: tenant.identity.tenantId,
    ...(clientState === null ? {} : { clientState }),
  };
}

/** Seen in notifications of `/groups` (docs-contrib issue 4559); its inner shape is that of the delta query. */
function deltaNode({ part, delta }: Change) {
  if (delta === null) return {};
  const removed = delta.removed ? { "@removed": { reason: "deleted" } } : {};
  return { [`${part}@delta`]: [{ "@odata.type": "#microsoft.graph.user", id: delta.id, ...removed }] };
}
