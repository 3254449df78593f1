import { isGuid } from "../../../shared/graph/instants-and-ids.ts";
import { type Fields, isFields } from "./fields.ts";
import { logTime } from "./log-time.ts";

/** One request to Microsoft Graph by a signed-in user. */
export interface Call {
  /** Lower case. */
  readonly userId: string;
  /** Role template ids that the token claims, lower case. */
  readonly wids: readonly string[];
  /** Epoch milliseconds. */
  readonly tokenIssuedAt: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  /** As logged: it may name people. */
  readonly uri: string;
  readonly isSuccess: boolean;
}

type CallReading =
  | { readonly kind: "call"; readonly call: Call }
  /** A call by an app without a user, or a record of another log. */
  | { readonly kind: "other" }
  | { readonly kind: "unreadable"; readonly problem: string };

/**
 * One item of an export of MicrosoftGraphActivityLogs: a row of the workspace's table, in JSON or CSV (Azure Monitor docs:
 * tables/microsoftgraphactivitylogs), or a record of the diagnostic setting, which writes the same names in camel case.
 */
export function readCall(value: unknown): CallReading {
  if (!isFields(value)) return unreadable("record");
  const isStreamed = isFields(value.properties);
  if (isStreamed && value.category && value.category !== "MicrosoftGraphActivityLogs") return { kind: "other" };
  const row = isFields(value.properties) ? value.properties : value;
  if (field(row, "RequestUri") === undefined && field(row, "TokenIssuedAt") === undefined) return unreadable("record");

  const userId = field(row, "UserId");
  if (userId === undefined || userId === null || userId === "") return { kind: "other" };
  if (typeof userId !== "string" || !isGuid(userId)) return unreadable("UserId");
  const tokenIssuedAt = logTime(field(row, "TokenIssuedAt"));
  if (tokenIssuedAt === undefined) return unreadable("TokenIssuedAt");
  const at = logTime(field(row, "TimeGenerated") ?? value.time);
  if (at === undefined) return unreadable("TimeGenerated");
  const status = Number(field(row, "ResponseStatusCode") || Number.NaN);
  if (!Number.isInteger(status)) return unreadable("ResponseStatusCode");
  const call = {
    userId: userId.toLowerCase(),
    wids: guidsIn(field(row, "Wids")),
    tokenIssuedAt,
    at,
    method: String(field(row, "RequestMethod") ?? ""),
    uri: String(field(row, "RequestUri") ?? ""),
    isSuccess: status >= 200 && status < 300,
  };
  return { kind: "call", call };
}

/** `name` as the table writes it, as the stream does, as the Logs blade heads a column of times, or in any other case. */
function field(row: Fields, name: string): unknown {
  const written = row[name] ?? row[`${name.charAt(0).toLowerCase()}${name.slice(1)}`] ?? row[`${name} [UTC]`];
  if (written !== undefined) return written;
  const key = Object.keys(row).find((one) => one.replace(/ \[UTC\]$/i, "").toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : row[key];
}

/** Seen as a list, as JSON in a string and parted by blanks or commas: the ids are recognised by their shape. */
const guidsIn = (value: unknown): readonly string[] =>
  JSON.stringify(value ?? "")
    .toLowerCase()
    .match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];

const unreadable = (place: string): CallReading => ({
  kind: "unreadable",
  problem: place === "record" ? "is no call to Microsoft Graph" : `${place} is missing or not what it should be`,
});
