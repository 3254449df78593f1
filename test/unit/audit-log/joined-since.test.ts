import { expect, it } from "vitest";
import { createJoinedSince } from "../../../shared/audit-log/corroborate.ts";
import type { AuditQuery } from "../../../shared/graph/directory-audits.ts";
import { GraphPermanentError, GraphRetryableError } from "../../../shared/graph/errors.ts";
import { ADMINS, BOSS, directoryGroupRow, JANE } from "../../fixtures/audit/audit-rows.ts";

const ended = Date.UTC(2026, 2, 1, 10);
type Row = Readonly<Record<string, unknown>>;

const move = (activity: string, secondsAfter: number, over: Row = {}): Row => ({
  ...directoryGroupRow(),
  id: `${activity} ${secondsAfter}`,
  activityDisplayName: activity,
  activityDateTime: new Date(ended + secondsAfter * 1000).toISOString(),
  ...over,
});
const join = (secondsAfter: number, over: Row = {}) => move("Add member to group", secondsAfter, over);
const leave = (secondsAfter: number) => move("Remove member from group", secondsAfter);

/** The members who joined by a log with these rows, the questions to it and the recorded events. */
async function joined(
  answer: readonly Row[] | Error,
  ids: readonly string[] = [JANE],
  refusals: readonly Error[] = [],
) {
  const asked: AuditQuery[] = [];
  const recorded: string[] = [];
  const slept: number[] = [];
  const refused = [...refusals];
  const joinedSince = createJoinedSince(
    async (query) => {
      asked.push(query);
      const refusal = refused.shift();
      if (refusal !== undefined) throw refusal;
      if (answer instanceof Error) throw answer;
      return { value: answer, date: ended, at: 0 };
    },
    { event: (name) => void recorded.push(name), alarm: (name) => void recorded.push(name), measure: () => undefined },
    { sleep: async (milliseconds) => void slept.push(milliseconds) },
  );
  return { ids: [...(await joinedSince(ADMINS, ids, ended))], asked, recorded, slept };
}

const tooMany = (retryAfter: number) =>
  new GraphRetryableError("It is not this one's turn.", { code: "reportPace", reason: "throttled", retryAfter });

it("waits for its turn when others read the log, and asks once more", async () => {
  expect(await joined([join(5)], [JANE], [tooMany(3400)])).toMatchObject({ ids: [JANE], slept: [2400], recorded: [] });
});

it.each([
  ["a turn that is far away", [tooMany(5001)], []],
  ["a turn that others took meanwhile", [tooMany(3400), tooMany(2100)], [2400]],
])("does not wait for %s", async (_, refusals, slept) => {
  expect(await joined([join(5)], [JANE], refusals)).toMatchObject({ ids: [], slept, recorded: ["joinsUnread"] });
});

it("asks for the group's rows since the end", async () => {
  expect((await joined([])).asked).toEqual([{ since: ended, targetId: ADMINS }]);
});

it.each([
  ["a join after the end", [join(5)], [JANE]],
  ["a join as an owner", [move("Add owner to group", 5)], [JANE]],
  ["a join in the very second of the end, which may have come before it", [join(0.9)], []],
  ["a join that failed", [join(5, { result: "failure" })], []],
  ["a row of another service", [join(5, { loggedByService: "PIM" })], []],
  ["a row of another category", [join(5, { category: "RoleManagement" })], []],
  ["a row that cannot be read beside one that can", [{ id: 7 }, join(5)], [JANE]],
  ["who left after the end and came back: they had been there", [join(9), leave(5)], []],
  ["who joined after the end and left again", [leave(9), join(5)], [JANE]],
  ["no row: it may still come", [], []],
])("%s", async (_, rows, ids) => {
  expect((await joined(rows)).ids).toEqual(ids);
});

it("names nobody but those it was asked about", async () => {
  expect((await joined([join(5)], [BOSS])).ids).toEqual([]);
});

it("another group's row says nothing", async () => {
  const other = join(5, {
    targetResources: [
      { id: JANE, type: "User" },
      { id: BOSS, type: "Group" },
    ],
  });
  expect((await joined([other])).ids).toEqual([]);
});

it("a log that cannot be read holds nobody up; a mistake of ours is not swallowed", async () => {
  const { ids, recorded } = await joined(
    new GraphPermanentError("No.", { code: "Authorization_RequestDenied", status: 403 }),
  );
  expect({ ids, recorded }).toEqual({ ids: [], recorded: ["joinsUnread"] });
  await expect(joined(new TypeError("oops"))).rejects.toThrow(TypeError);
});
