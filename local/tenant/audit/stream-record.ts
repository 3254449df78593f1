import type { Random } from "../random.ts";
import type { AuditRow } from "./audit-row.ts";

/**
 * A row as the diagnostic setting wraps it (shapes as in elastic/integrations, Entra audit logs). What differs from one published
 * record to the next differs here too.
 */
export function streamRecord(row: AuditRow, tenantId: string, random: Random): unknown {
  const { user, app } = row.initiatedBy;
  const either = <T>(one: T, other: T) => (random.integer(0, 1) === 0 ? one : other);
  return {
    time: row.activityDateTime,
    resourceId: `/tenants/${tenantId}/providers/Microsoft.aadiam`,
    operationName: row.activityDisplayName,
    operationVersion: "1.0",
    category: "AuditLogs",
    ...either({ tenantId }, {}),
    resultSignature: "None",
    durationMs: either<unknown>(0, "0"),
    ...either({ callerIpAddress: "192.0.2.10" }, {}),
    correlationId: row.correlationId,
    ...either({ identity: user?.displayName ?? app?.displayName ?? "" }, {}),
    ...either<object>({ Level: 4 }, { level: "Informational" }),
    properties: {
      ...row,
      activityDateTime: row.activityDateTime.replace(/Z$/, either("Z", "+00:00")),
      userAgent: null,
      // Only the one that it was.
      initiatedBy: user === null ? { app } : { user },
      targetResources: row.targetResources.map((target) => ({ ...target, administrativeUnits: [] })),
    },
  };
}
