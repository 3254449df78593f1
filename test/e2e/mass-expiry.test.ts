import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startStack } from "../../local/stack/start-stack.ts";
import type { HistoryEvent } from "../../local/tenant/history-events.ts";

const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10";
const helpdeskAdministrator = "729827e3-9c14-49f7-bb1b-9608f156bbb8";

/** For the mass expiry of a whole organisation, which takes three times as long: `MASS_EXPIRY_USERS=1000 npx vitest run --project=e2e-alone mass-expiry`. */
const count = Number(process.env.MASS_EXPIRY_USERS ?? 300);
const privileged = count / 20;

/** Milliseconds for each: a thousand are cut within a minute. */
const pace = 60;

/** As in `shared/reconcile/mass-expiry.ts`. */
const portionSize = 20;
const passesAtOnce = 8;

const is =
  <E extends HistoryEvent["event"]>(name: E) =>
  (event: HistoryEvent): event is Extract<HistoryEvent, { event: E }> =>
    event.event === name;

test("roles that end in the same second are all cut at the pace of a thousand a minute, the most privileged first", {
  timeout: 300_000,
}, async () => {
  const log = fileURLToPath(new URL("../../local/out/e2e/mass-expiry.log", import.meta.url));
  await mkdir(dirname(log), { recursive: true });
  await rm(log, { force: true });
  const stack = await startStack(
    {
      CUTOFF_MODE: "enforce",
      INCLUDED_PRINCIPALS: "all",
      RESYNC_SECONDS: "5",
      THRESHOLD_PLANNED: `${count}`,
    },
    { log },
  );
  const { control } = stack.tenant;
  // Long enough to create the users, to see them all stored and to announce the mass expiry.
  const end = Math.floor((Date.now() + 20_000 + 100 * count) / 1000) * 1000;
  const users: { id: string; roleDefinitionId: string }[] = [];
  const create = async (index: number) => {
    const { id } = await control.createUser({ name: `Administrator ${index}` });
    const roleDefinitionId = index % (count / privileged) === 0 ? globalAdministrator : helpdeskAdministrator;
    await control.makeEligible({ principalId: id, roleDefinitionId });
    // One at a time, so that each duration leads to the same second.
    const durationSeconds = (end + 300 - Date.now()) / 1000;
    await control.activate({ principalId: id, roleDefinitionId, durationSeconds });
    users.push({ id, roleDefinitionId });
  };
  for (let index = 0; index < count; index += 1) await create(index);

  const history: HistoryEvent[] = [];
  await expect
    .poll(
      async () => {
        history.push(...(await control.history(history.at(-1)?.seq)));
        return new Set(history.filter(is("revokeAccepted")).map(({ userId }) => userId)).size;
      },
      { timeout: 220_000, interval: 1000 },
    )
    .toBe(count);

  const ends = new Set(history.filter(is("roleStarted")).map(({ endDateTime }) => endDateTime?.slice(0, 19)));
  expect(ends.size).toBe(1);
  const revokes = history.filter(is("revokeAccepted"));
  const removal = history
    .filter(is("roleRemoved"))
    .map(({ at }) => Date.parse(at))
    .reduce((a, b) => Math.max(a, b));
  const seconds = revokes.map(({ at }) => (Date.parse(at) - removal) / 1000);
  const isPrivileged = new Set(
    users.filter((user) => user.roleDefinitionId === globalAdministrator).map(({ id }) => id),
  );
  const places = revokes.flatMap(({ userId }, index) => (isPrivileged.has(userId) ? [index + 1] : []));
  const leftList = new Map(
    history
      .filter(is("roleRemoved"))
      .filter(({ store, shown }) => store === "list" && shown === "last")
      .map(({ principalId, seq }) => [principalId, seq]),
  );
  /** Of each privileged user: how many less privileged ones were cut between their role's leaving the list and their own cut. */
  const overtaken = revokes
    .filter(({ userId }) => isPrivileged.has(userId))
    .map(({ userId, seq: cutAt }) => {
      const leftAt = leftList.get(userId) ?? 0;
      return revokes.filter(({ userId: other, seq }) => !isPrivileged.has(other) && seq > leftAt && seq < cutAt).length;
    });
  const throttled = history.filter(is("throttled")).length;
  const reads = history
    .filter(is("graphCalled"))
    .filter(({ path }) => path.includes("roleAssignmentScheduleInstances"));
  const waiting = reads.filter(({ at }) => Date.parse(at) < removal && Date.parse(at) > removal - 10_000).length;
  console.log(
    `mass expiry: first cut after ${seconds[0]?.toFixed(1)} s, last after ${seconds.at(-1)?.toFixed(1)} s; ` +
      `the ${privileged} most privileged: the last in place ${places.at(-1)}, overtaken by at most ${Math.max(...overtaken)}; ${throttled} throttled; ${reads.length} reads of instances, ${waiting} in the 10 s before the removal`,
  );
  expect(revokes).toHaveLength(count);
  expect(Math.max(...seconds)).toBeLessThan((count * pace) / 1000);
  // By design: one portion may have begun when they left the list, and passes made side by side may overtake one another within the next.
  expect(overtaken).toHaveLength(privileged);
  expect(Math.max(...overtaken)).toBeLessThan(portionSize + passesAtOnce);
  expect(throttled).toBe(0);
  await stack.stop();
});
