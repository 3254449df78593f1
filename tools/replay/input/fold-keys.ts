import type { Fields } from "./fields.ts";

/** Every name that is read of a record, as the documents write it (Graph docs: directoryaudit; Azure Monitor docs: tables/auditlogs). */
const documented = [
  ...["id", "category", "result", "activityDisplayName", "activityDateTime", "loggedByService", "targetResources"],
  ...[
    "additionalDetails",
    "initiatedBy",
    "operationName",
    "timeGenerated",
    "time",
    "properties",
    "displayName",
    "type",
    "userPrincipalName",
  ],
  ...["modifiedProperties", "oldValue", "newValue", "key", "value"],
];
const byLowerCase: ReadonlyMap<string, string> = new Map(documented.map((name) => [name.toLowerCase(), name]));

/** A file has few keys, many times; a hostile one must not fill the memory. */
const MOST_KNOWN = 1000;
const known = new Map<string, string>();

/** The documented name of a key in any case, with or without underscores, or as the Logs blade heads a column of times (`[UTC]`). */
export function documentedName(key: string): string {
  const name = known.get(key);
  if (name !== undefined) return name;
  const found = byLowerCase.get(key.replace(/ \[UTC\]$|[_\s-]/gi, "").toLowerCase()) ?? key;
  if (known.size < MOST_KNOWN) known.set(key, found);
  return found;
}

/** The fields of one object under their documented names, others as they are. Of two that mean the same the documented one counts. */
export function foldKeys(fields: Fields): Fields {
  const keys = Object.keys(fields);
  if (keys.every((key) => documentedName(key) === key)) return fields;
  const folded: Record<string, unknown> = {};
  for (const key of keys) {
    const name = documentedName(key);
    if (name === key || !isThere(fields[name])) folded[name] = isThere(fields[key]) ? fields[key] : folded[name];
  }
  return folded;
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null && value !== "";

/** What the file itself calls a documented field, for messages; as the documents do when the file has none. */
export const ownName = (fields: Fields, name: string): string =>
  Object.keys(fields).find((key) => documentedName(key) === name) ?? name;
