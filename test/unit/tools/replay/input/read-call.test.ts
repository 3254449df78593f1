import { describe, expect, test } from "vitest";
import { readCall } from "../../../../../tools/replay/input/read-call.ts";
import { JANE, USER_ADMIN } from "../../../../fixtures/audit/audit-rows.ts";

const row = (changes: Readonly<Record<string, unknown>> = {}) => ({
  TimeGenerated: "2026-03-01T10:20:00Z",
  UserId: JANE.toUpperCase(),
  Wids: [USER_ADMIN.toUpperCase()],
  TokenIssuedAt: "2026-03-01T09:30:00.1234567Z",
  ResponseStatusCode: 204,
  RequestMethod: "PATCH",
  RequestUri: "https://graph.microsoft.com/v1.0/users/x",
  ...changes,
});

const call = {
  userId: JANE,
  wids: [USER_ADMIN],
  tokenIssuedAt: Date.parse("2026-03-01T09:30:00.123Z"),
  at: Date.parse("2026-03-01T10:20:00Z"),
  method: "PATCH",
  uri: "https://graph.microsoft.com/v1.0/users/x",
  isSuccess: true,
};

test("a row of the table", () => expect(readCall(row())).toEqual({ kind: "call", call }));

test("a row of its CSV, times headed with their zone and written in American", () => {
  const { TimeGenerated: _, TokenIssuedAt, ...rest } = row({ ResponseStatusCode: "204" });
  const cells = { ...rest, "TimeGenerated [UTC]": "3/1/2026, 10:20:00 AM", "TokenIssuedAt [UTC]": TokenIssuedAt };
  expect(readCall(cells)).toEqual({ kind: "call", call });
});

test("a record of the diagnostic setting, in camel case, its time outside", () => {
  const { TimeGenerated, ...rest } = row();
  const properties = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [`${name.charAt(0).toLowerCase()}${name.slice(1)}`, value]),
  );
  const record = { time: TimeGenerated, category: "MicrosoftGraphActivityLogs", properties };
  expect(readCall(record)).toEqual({ kind: "call", call });
});

test.each([
  ["a list", [USER_ADMIN]],
  ["JSON in a string", JSON.stringify([USER_ADMIN])],
  ["parted by blanks", ` ${USER_ADMIN} `],
])("roles as %s", (_, Wids) => expect(readCall(row({ Wids }))).toMatchObject({ call: { wids: [USER_ADMIN] } }));

test.each([200, 299])("status %i is a success", (ResponseStatusCode) =>
  expect(readCall(row({ ResponseStatusCode }))).toMatchObject({ call: { isSuccess: true } }),
);
test.each([199, 302, 401, 403, 500])("status %i is none", (ResponseStatusCode) =>
  expect(readCall(row({ ResponseStatusCode }))).toMatchObject({ call: { isSuccess: false } }),
);

describe("not a user's call", () => {
  test.each([undefined, null, ""])("by an app on its own: the user is %j", (UserId) =>
    expect(readCall(row({ UserId }))).toEqual({ kind: "other" }),
  );
  test("a record of another log", () =>
    expect(readCall({ category: "AuditLogs", properties: row() })).toEqual({ kind: "other" }));
});

describe("unreadable: what is wrong, never its content", () => {
  test.each(["UserId", "TokenIssuedAt", "TimeGenerated", "ResponseStatusCode"])("%s", (name) =>
    expect(readCall(row({ [name]: "Jane" }))).toEqual({
      kind: "unreadable",
      problem: `${name} is missing or not what it should be`,
    }),
  );
  test.each(["Jane", null, {}, { activityDisplayName: "Update user" }])("%j is no call", (value) =>
    expect(readCall(value)).toEqual({ kind: "unreadable", problem: "is no call to Microsoft Graph" }),
  );
});
