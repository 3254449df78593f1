import { expect, test } from "vitest";
import type { Call } from "../../../../tools/replay/input/read-call.ts";
import { createActivityJoin } from "../../../../tools/replay/join-activity.ts";
import { judgeEnds } from "../../../../tools/replay/judge-ends.ts";
import { directoryRoleRow, JANE, target, USER_ADMIN } from "../../../fixtures/audit/audit-rows.ts";
import { activationRow, historyOf } from "../../../fixtures/audit/history-of.ts";

const OTHER_ROLE = "62e90394-69f5-4237-9190-012177145e10";
const at = (time: string) => Date.parse(`2026-03-01T${time}Z`);

const call = (changes: Partial<Call> = {}): Call => ({
  userId: JANE,
  wids: [USER_ADMIN],
  tokenIssuedAt: at("09:30:00"),
  at: at("10:20:00"),
  method: "GET",
  uri: "https://graph.microsoft.com/v1.0/users",
  isSuccess: true,
  ...changes,
});

const roleRow = (time: string, role = USER_ADMIN) => {
  const oldValue = JSON.stringify(role);
  const activityDateTime = `2026-03-01T${time}Z`;
  const changed = { displayName: "Role.TemplateId", oldValue, newValue: null };
  return directoryRoleRow({
    id: `${role} ${time}`,
    activityDateTime,
    targetResources: [target("User", JANE, changed)],
  });
};

function join(calls: readonly Call[], ...rows: readonly unknown[]) {
  const history = historyOf(roleRow("10:00:00"), ...rows);
  const joined = createActivityJoin(
    judgeEnds(history, () => false),
    history,
  );
  for (const one of calls) joined.take(one);
  const survivals = [...joined.survivals].map(([{ end }, { calls: count }]) => [
    new Date(end.at).toISOString().slice(11, 19),
    count,
  ]);
  return { survivals, total: joined.survivingCalls.get(JANE) ?? 0 };
}

test("a successful call after the end, with a token from before it that claims the role", () => {
  expect(join([call(), call()])).toEqual({ survivals: [["10:00:00", 2]], total: 2 });
});

test.each([
  ["failed", { isSuccess: false }],
  ["came before the end", { at: at("09:59:59") }],
  ["has a token from after the end", { tokenIssuedAt: at("10:00:00") }],
  ["has a token without the role", { wids: [OTHER_ROLE] }],
  ["is another person's", { userId: "b055b055-000b-4abc-8def-0123456789ab" }],
])("not one that %s", (_, changes) => expect(join([call(changes)])).toEqual({ survivals: [], total: 0 }));

test("not one after the role was activated again", () => {
  const again = activationRow("2026-03-01T10:10:00Z");
  expect(join([call({ at: at("10:05:00") }), call({ at: at("10:15:00") })], again).total).toBe(1);
});

test("of several ends the latest before the call counts", () => {
  const calls = [
    call({ at: at("10:20:00") }),
    call({ at: at("10:40:00") }),
    call({ tokenIssuedAt: at("10:20:00"), at: at("10:40:00") }),
  ];
  expect(join(calls, roleRow("10:30:00")).survivals).toEqual([
    ["10:00:00", 1],
    ["10:30:00", 2],
  ]);
});

test("a call that outlived two roles is one call", () => {
  const joined = join([call({ wids: [USER_ADMIN, OTHER_ROLE, USER_ADMIN] })], roleRow("10:01:00", OTHER_ROLE));
  expect(joined).toEqual({
    survivals: [
      ["10:00:00", 1],
      ["10:01:00", 1],
    ],
    total: 1,
  });
});

test("first, last and three examples are kept", () => {
  const history = historyOf(roleRow("10:00:00"));
  const joined = createActivityJoin(
    judgeEnds(history, () => false),
    history,
  );
  for (const minute of ["25", "05", "15", "45"]) joined.take(call({ at: at(`10:${minute}:00`) }));
  const [survival] = joined.survivals.values();
  expect(survival).toMatchObject({ calls: 4, first: at("10:05:00"), last: at("10:45:00") });
  expect(survival?.examples.map((example) => example.at)).toEqual(
    ["25", "05", "15"].map((minute) => at(`10:${minute}:00`)),
  );
});
