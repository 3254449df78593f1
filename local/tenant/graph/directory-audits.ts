import { retentionMs } from "../audit/audit-log.ts";
import { parseAuditFilter } from "./audit-filter.ts";
import { anyOf, type GraphEndpoint } from "./endpoint.ts";
import { badRequest, nonPremium } from "./graph-error.ts";
import { selectFrom } from "./odata.ts";
import { page } from "./page.ts";

const properties = [
  "id",
  "category",
  "correlationId",
  "result",
  "resultReason",
  "activityDisplayName",
  "activityDateTime",
  "loggedByService",
  "operationType",
  "initiatedBy",
  "targetResources",
  "additionalDetails",
];

/** Graph docs: directoryaudit-list. */
export const listDirectoryAudits: GraphEndpoint = {
  method: "GET",
  path: /^\/auditLogs\/directoryAudits$/i,
  permissions: anyOf("AuditLog.Read.All"),
  cost: { units: 0, writes: 0, reports: 1 },
  handle(context) {
    const { tenant, call } = context;
    if (!tenant.settings.audit.offered) throw badRequest("Resource not found for the segment 'directoryAudits'.");
    if (!tenant.settings.licensed) throw nonPremium();
    const { searchParams } = call.url;
    const matches = parseAuditFilter(searchParams.get("$filter"), tenant.clock.now() - retentionMs);
    const rows = ordered(tenant.audit.queryable().filter(matches), searchParams.get("$orderby"));
    const select = searchParams.get("$select");
    return page(
      context,
      "auditLogs/directoryAudits",
      rows.map((row) => selectFrom({ ...row }, select, properties, "directoryAudit")),
    );
  },
};

/** Newest first unless asked otherwise. */
function ordered<Row>(newestFirst: Row[], order: string | null): Row[] {
  if (order === null || /^activityDateTime\s+desc$/i.test(order)) return newestFirst;
  if (/^activityDateTime(\s+asc)?$/i.test(order)) return newestFirst.toReversed();
  throw badRequest("Invalid $orderby clause");
}
