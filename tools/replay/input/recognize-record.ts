import { decodeValue } from "../../../shared/audit-log/record.ts";
import { type Fields, isFields } from "./fields.ts";
import { foldKeys } from "./fold-keys.ts";

/**
 * The audit record inside what a collector put around it, e.g. `_source` of Elastic, or JSON in `_raw` of Splunk: the first object with the name of an
 * activity and with targets, level by level; undefined when there is none.
 */
export function recordInside(value: Fields): Fields | undefined {
  let level: readonly Fields[] = [value];
  for (let depth = 0; depth < MOST_LEVELS && level.length > 0; depth += 1) {
    level = level.flatMap(Object.values).slice(0, MOST_BESIDE).map(decodeValue).filter(isFields);
    const found = level.find((one) => {
      const { activityDisplayName, targetResources } = foldKeys(one);
      return typeof activityDisplayName === "string" && targetResources !== undefined;
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Most levels that are searched: collectors wrap a record a few times, and a hostile file must not cost more. */
const MOST_LEVELS = 6;
const MOST_BESIDE = 1000;

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
  return "is no audit record: it has no activityDisplayName (in tables ActivityDisplayName or OperationName, in the portal's CSV Activity)";
}
