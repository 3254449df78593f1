import { decodeValue } from "../../../shared/audit-log/record.ts";
import { type Fields, isFields } from "./fields.ts";
import { foldKeys } from "./fold-keys.ts";

/** Most levels that are searched: collectors wrap a record a few times, and a hostile file must not cost more. */
const MOST_LEVELS = 8;

/**
 * The audit records inside what a collector or a query put around them, e.g. `_source` of Elastic, JSON in `_raw` of Splunk, the answers of a batch: the
 * objects with the name of an activity and with targets, level by level until there are some. What stands beside one in a list is returned as it is, so that
 * it is counted. Empty when there is no such object.
 */
export function recordsInside(value: unknown, levels = MOST_LEVELS): readonly unknown[] {
  let level: readonly unknown[] = [decodeValue(value)];
  for (let left = levels; left > 0 && level.length > 0; left -= 1) {
    const found = level.flatMap((one) => (Array.isArray(one) ? inList(one, left - 1) : isRecord(one) ? [one] : []));
    if (found.length > 0) return found;
    level = level.filter(isFields).flatMap(Object.values).map(decodeValue);
  }
  return [];
}

/** Each element by itself: a collector may wrap them in different ways. */
function inList(list: readonly unknown[], levels: number): readonly unknown[] {
  const found = list.map((one) => recordsInside(one, levels));
  if (found.every((inside) => inside.length === 0)) return [];
  return found.flatMap((inside, at) => (inside.length === 0 ? [list[at]] : inside));
}

function isRecord(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { activityDisplayName, targetResources } = foldKeys(value);
  return typeof activityDisplayName === "string" && targetResources !== undefined;
}

/** Whether the name of an end stands anywhere in a record that cannot be read: then the file may not count as one without ends. */
export const namesAnEnd = (row: Fields): boolean =>
  /"Remove (?:(?:scoped )?member from|owner from group|role assignment from role definition|permanent direct role)/i.test(
    JSON.stringify(row),
  );

/** Describes a record that has no name of an activity, without its content. */
export function strangerAmongRecords(row: Fields): string {
  const has = (...names: readonly string[]) =>
    names.every((name) => Object.keys(row).some((key) => key.toLowerCase() === name));
  if ("error" in row || "Error" in row)
    return "is an error that was answered instead of records: the export itself failed";
  if (has("requesturi") || has("tokenissuedat"))
    return "is a call to Microsoft Graph: that export goes after --activity";
  if (has("auditdata") || has("recordtype", "workload")) {
    return "is a record of the unified audit log (Microsoft Purview): export the directory audit log of Microsoft Entra instead";
  }
  if (has("appdisplayname", "createddatetime")) return "is a sign-in: export the audit log, not the sign-in logs";
  if (has("roledefinitionid", "principalid")) return "is an assignment, no audit record";
  if (has("operationname", "eventtimestamp"))
    return "is a record of the activity log of Azure, which has the roles of Azure resources: these are not watched";
  return "is no audit record: it has no activityDisplayName (in tables ActivityDisplayName or OperationName, in the portal's CSV Activity)";
}
