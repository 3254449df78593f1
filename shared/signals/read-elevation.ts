import { instantMs } from "../graph/instant.ts";
import type { Elevation } from "./audit-activities.ts";
import type { AuditRecord } from "./audit-record.ts";
import { classifyAudit } from "./classify-audit.ts";

/** What a record tells of elevated access: one or nothing. */
export function elevationOf(record: AuditRecord): readonly Elevation[] {
  const verdict = classifyAudit(record);
  if (verdict.kind !== "elevation") return [];
  return [{ userId: verdict.userId, elevated: verdict.elevated, at: instantMs(record.occurredAt) }];
}
