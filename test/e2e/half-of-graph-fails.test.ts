import { expect, it } from "vitest";
import type { HistoryEvent } from "../../local/tenant/history-events.ts";
import { failHalf } from "./support/dev-proxy-faults.ts";
import { goneAt, isEnd, revokesOf } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { openWorld } from "./support/world.ts";

/** Seconds until the roles end, all while Graph fails. */
const durations = [20, 22, 27, 28, 34, 40];

/** Calls that fail at least: after a 429 there are none for five seconds, so that these take a minute. */
const failures = 30;

const revoke = { method: "POST", path: "revokeSignInSessions" } as const;

it("cuts every end once, and nobody else, though half of all Graph calls fail when the roles end", async () => {
  await using world = await openWorld("halffails");
  const { control, seen } = world;
  await world.startHost();
  const bystander = await activate(control, { seconds: 3600 });
  const leaving = await Promise.all(durations.map((seconds) => activate(control, { seconds })));
  await Promise.all([bystander, ...leaving].map(({ userId }) => world.awaitHoldings(userId)));

  await failHalf(control, "GET", "^/v1[.]0/");
  await failHalf(control, "POST", "^/v1[.]0/");
  let failed = 0;
  await Promise.all([
    seen((event) => event.event === "faultApplied" && ++failed === failures),
    ...leaving.map(({ scheduleId }) => seen((event) => isEnd(event, scheduleId))),
  ]);
  const underFire = await control.history();

  // Hardly a pass comes through: it takes two batches of three reads each, all or none. So reads recover first, for writes to be tried and
  // to fail as well; and however the dice fall, one of them fails in the way that only writes know.
  await control.clearFaults();
  await control.addFault({ ...revoke, count: 1, fault: { kind: "status", statuses: [507] } });
  await failHalf(control, revoke.method, revoke.path);
  await Promise.all(leaving.map(({ userId }) => seen((event) => isRevoke(event) && event.userId === userId)));
  await control.clearFaults();
  const healed = Date.parse((await control.clock()).now);

  for (const { userId } of leaving) {
    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
  }
  const history = await world.calmHistory();
  for (const { userId, scheduleId } of leaving) {
    const [accepted, ...more] = revokesOf(history, userId);
    expect(more).toEqual([]);
    expect(accepted).toBeGreaterThanOrEqual(goneAt(history, scheduleId));
  }
  expect(revokesOf(history, bystander.userId)).toEqual([]);

  const refused = history.filter((event) => event.event === "revokeRefused");
  const lastCut = Math.max(...leaving.flatMap(({ userId }) => revokesOf(history, userId)));
  console.log(
    `half of Graph failing: ${underFire.filter(({ event }) => event === "faultApplied").length} calls failed, then ${refused.length} revokes; ` +
      `${underFire.filter(isRevoke).length} revokes asked for while everything failed, the last cut ${lastCut - healed} ms after it was over`,
  );
  expect(refused.length).toBeGreaterThan(0);
});

/** A revoke that was asked for, whatever came of it. */
const isRevoke = (event: HistoryEvent) => event.event === "revokeAccepted" || event.event === "revokeRefused";
