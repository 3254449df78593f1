import { decodeValue } from "../../signals/decode-value.ts";
import type { Fields } from "./fields.ts";
import { fromAmerican } from "./log-time.ts";

/** Whether `row` comes from the table AuditLogs of a Log Analytics workspace (Azure Monitor docs: tables/auditlogs). */
export const isTableRow = (row: Fields): boolean => "ActivityDisplayName" in row && "TargetResources" in row;

/** Such a row, whose dynamic columns are JSON in a string where they were exported, in the shape of Graph docs: directoryaudit. */
export const tableRow = (row: Fields): Fields => ({
  id: row.Id,
  activityDisplayName: row.ActivityDisplayName,
  activityDateTime: fromAmerican(row.ActivityDateTime ?? row["ActivityDateTime [UTC]"]),
  result: row.Result,
  loggedByService: row.LoggedByService,
  category: row.Category,
  targetResources: decodeValue(row.TargetResources),
  additionalDetails: decodeValue(row.AdditionalDetails),
});
