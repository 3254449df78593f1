import type { Fields } from "./fields.ts";

/** A row of the CSV that the Entra admin center offers, in the shape of Graph docs: directoryaudit. */
interface PortalRow {
  readonly fields: Fields;
  /** Every column for targets is in use: the CSV has three, a row of PIM up to nine targets, and the others are cut off. */
  readonly isFull: boolean;
}

/** Whether `row` is a line of the CSV that the Entra admin center's audit log offers for download. */
export const isPortalRow = (row: Fields): boolean => "Activity" in row;

/** The names of the columns there, by the documented name of the field. */
export const portalNames: Readonly<Record<string, string>> = {
  activityDateTime: "Date (UTC)",
  activityDisplayName: "Activity",
  result: "Result",
  loggedByService: "Service",
  category: "Category",
  targetResources: "Target1ObjectId",
};

/** How many changed properties a target has columns for. */
const PROPERTIES = [1, 2, 3, 4, 5];

export function portalRow(row: Fields): PortalRow {
  const columns = Object.keys(row);
  const target = (n: string) => ({
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
  const numbers = columns.flatMap((name) => /^Target(\d+)ObjectId$/.exec(name)?.[1] ?? []);
  const targets = numbers.map(target).filter(({ id, type }) => id || type);
  const keys = columns.filter((name) => /^AdditionalDetail\d+Key$/.test(name) && row[name]);
  return {
    fields: {
      activityDisplayName: row.Activity,
      activityDateTime: row[utcColumn(columns) ?? ""],
      result: row.Result,
      loggedByService: row.Service,
      category: row.Category,
      initiatedBy: row.ActorObjectId ? { user: { id: row.ActorObjectId } } : undefined,
      targetResources: numbers.length > 0 ? targets : undefined,
      additionalDetails: keys.map((name) => ({ key: row[name], value: row[name.replace(/Key$/, "Value")] })),
    },
    isFull: targets.length === numbers.length,
  };
}

/** The time in `Date (UTC)`, which is written in the language of the person who downloaded the file. */
const utcColumn = (columns: readonly string[]): string | undefined =>
  columns.find((name) => name === "Date (UTC)") ?? columns.find((name) => /[(（]UTC[)）]$/.test(name));
