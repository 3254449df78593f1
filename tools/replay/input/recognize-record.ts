import type { Fields } from "./fields.ts";

/** What a record without the name of an activity is instead, never its content. */
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
