import { describe, expect, it } from "vitest";
import { createCorroborator } from "../../../shared/audit-log/corroborate.ts";
import { AUDITS_UNSUPPORTED, type AuditQuery } from "../../../shared/graph/directory-audits.ts";
import { GraphPermanentError, GraphRetryableError } from "../../../shared/graph/errors.ts";
import {
  ADMINS,
  BOSS,
  directoryGroupRow,
  directoryRoleRow,
  JANE,
  pimRoleRow,
  USER_ADMIN,
} from "../../fixtures/audit/audit-rows.ts";
import { testClock } from "../graph/harness.ts";

const ENDED = Date.UTC(2026, 2, 1, 10);
const MINUTE = 60_000;
type Row = Readonly<Record<string, unknown>>;

/** A corroborator over a log that gives one answer after the other, the last one for ever. */
function over(...answers: (readonly Row[] | Error)[]) {
  const asked: AuditQuery[] = [];
  const clock = testClock();
  const corroborate = createCorroborator(async (query) => {
    asked.push(query);
    const answer = answers[Math.min(asked.length, answers.length) - 1] ?? [];
    if (answer instanceof Error) throw answer;
    return { value: answer, date: ENDED, at: 0 };
  }, clock);
  return { corroborate, asked, clock };
}

describe("createCorroborator", () => {
  it("finds the end in the log, and asks for ten minutes around it", async () => {
    const { corroborate, asked } = over([directoryRoleRow()]);
    expect(await corroborate(JANE, USER_ADMIN, ENDED)).toBe(true);
    expect(asked).toEqual([{ since: ENDED - 10 * MINUTE, until: ENDED + 10 * MINUTE, targetId: JANE }]);
  });

  it("takes either row of an end, and reads past broken ones", async () => {
    const { corroborate } = over([{ id: 7 }, pimRoleRow()]);
    expect(await corroborate(JANE, USER_ADMIN, ENDED)).toBe(true);
  });

  it("finds the end of a membership under the group's id", async () => {
    const { corroborate } = over([directoryGroupRow()]);
    expect(await corroborate(JANE, ADMINS, ENDED)).toBe(true);
    expect(await corroborate(JANE, USER_ADMIN, ENDED)).toBe(false);
  });

  it.each([
    ["nothing", []],
    ["another role's end", [directoryRoleRow()], BOSS],
    [
      "another user's end",
      [directoryRoleRow({ targetResources: [{ ...directoryRoleRow().targetResources[0], id: BOSS }] })],
    ],
    ["an end too early", [directoryRoleRow({ activityDateTime: "2026-03-01T09:49:59Z" })]],
    ["an end too late", [directoryRoleRow({ activityDateTime: "2026-03-01T10:10:01Z" })]],
    ["a failed removal", [directoryRoleRow({ result: "failure" })]],
    ["a request", [pimRoleRow({ activityDisplayName: "Remove member from role requested (PIM deactivate)" })]],
  ])("is not convinced by %s", async (_, rows, role = USER_ADMIN) => {
    const { corroborate } = over(rows);
    expect(await corroborate(JANE, role, ENDED)).toBe(false);
  });

  it("judges several ends of one moment by one reading, for ten seconds", async () => {
    const { corroborate, asked, clock } = over([], [directoryRoleRow()]);
    const both = [corroborate(JANE, USER_ADMIN, ENDED), corroborate(JANE, BOSS, ENDED)];
    expect(await Promise.all(both)).toEqual([false, false]);
    clock.pass(9_999);
    expect(await corroborate(JANE, USER_ADMIN, ENDED)).toBe(false);
    expect(asked).toHaveLength(1);
    clock.pass(1);
    expect(await corroborate(JANE, USER_ADMIN, ENDED)).toBe(true);
    expect(asked).toHaveLength(2);
  });

  it("reads afresh for another moment and for another principal", async () => {
    const { corroborate, asked } = over([directoryRoleRow()]);
    await corroborate(JANE, USER_ADMIN, ENDED);
    await corroborate(JANE, USER_ADMIN, ENDED + MINUTE);
    await corroborate(BOSS, USER_ADMIN, ENDED);
    expect(asked).toHaveLength(3);
  });

  it("says no where the cloud has no such log", async () => {
    const { corroborate } = over(new GraphPermanentError("not here", { code: AUDITS_UNSUPPORTED, status: 404 }));
    expect(await corroborate(JANE, USER_ADMIN, ENDED)).toBe(false);
  });

  it.each([
    new GraphRetryableError("wait", { code: "reportPace", reason: "throttled", retryAfter: 3_000 }),
    new GraphPermanentError("denied", { code: "Authorization_RequestDenied", status: 403 }),
  ])("lets a failed reading be known, and remembers none", async (error) => {
    const { corroborate } = over(error, [directoryRoleRow()]);
    await expect(corroborate(JANE, USER_ADMIN, ENDED)).rejects.toBe(error);
    expect(await corroborate(JANE, USER_ADMIN, ENDED)).toBe(true);
  });
});
