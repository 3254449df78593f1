import type { Fields } from "./fields.ts";

/** The download has columns for three targets with five changed properties each, however many the row has. */
const TARGETS = [1, 2, 3];
const PROPERTIES = [1, 2, 3, 4, 5];

/** Whether `row` is a line of the CSV that the Entra admin center's audit log offers for download. */
export const isPortalRow = (row: Fields): boolean => "Activity" in row && utcColumn(row) !== undefined;

/** A line of that CSV in the shape of Graph docs: directoryaudit. It has no id: `position` stands in. */
export function portalRow(row: Fields, position: string): Fields {
  const target = (n: number) => ({
    id: row[`Target${n}ObjectId`],
    displayName: row[`Target${n}DisplayName`],
    type: row[`Target${n}Type`],
    userPrincipalName: row[`Target${n}UserPrincipalName`],
    modifiedProperties: PROPERTIES.map((m) => ({
      displayName: row[`Target${n}ModifiedProperty${m}Name`],
      oldValue: row[`Target${n}ModifiedProperty${m}OldValue`],
      newValue: row[`Target${n}ModifiedProperty${m}NewValue`],
    })).filter(({ displayName }) => displayName),
  });
  const keys = Object.keys(row).filter((name) => /^AdditionalDetail\d+Key$/.test(name) && row[name]);
  return {
    id: position,
    activityDisplayName: row.Activity,
    activityDateTime: row[utcColumn(row) ?? ""],
    result: row.Result,
    loggedByService: row.Service,
    category: row.Category,
    targetResources: TARGETS.map(target).filter(({ id, type }) => id || type),
    additionalDetails: keys.map((name) => ({ key: row[name], value: row[name.replace(/Key$/, "Value")] })),
  };
}

/** `Date (UTC)`, in the language of whoever downloaded it. */
const utcColumn = (row: Fields): string | undefined => Object.keys(row).find((name) => name.endsWith("(UTC)"));
