import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { createRandom } from "../../local/tenant/random.ts";
import { goneAt, revokesOf } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { openWorld } from "./support/world.ts";

/** Seconds until the roles end. */
const durations = [20, 23, 27, 30, 34, 37];

/** Milliseconds that a host lives at most once it has started. */
const longestLife = 6000;

/** For the same lives again: `KILL_SEED=123 npm test -- test/e2e/host-killed-at-random.test.ts`. */
const seed = Number(process.env.KILL_SEED ?? randomInt(2 ** 31));

it("cuts every end exactly once and records it, though its host is killed again and again", async () => {
  console.log(`host killed at random: KILL_SEED=${seed}`);
  const random = createRandom(seed);
  await using world = await openWorld("killedatrandom");
  const { control } = world;
  let host = await world.startHost();
  const leaving = await Promise.all(durations.map((seconds) => activate(control, { seconds })));
  await Promise.all(leaving.map(({ userId }) => world.awaitHoldings(userId)));
  // A revoke takes a second, half of it before its effect, so that many a kill finds one on its way; and some reads show it later.
  for (const when of ["beforeEffect", "afterEffect"] as const) {
    const fault = { kind: "latency", when, milliseconds: 500 } as const;
    await control.addFault({ method: "POST", path: "revokeSignInSessions", fault });
  }
  await control.replicate({ store: "users", lagsMs: [0, 5000] });

  let kills = 0;
  const lastEnd = Math.max(...leaving.map(({ end }) => end));
  while (Date.parse((await control.clock()).now) < lastEnd + 3000) {
    await sleep(random.integer(0, longestLife));
    await host.kill();
    kills += 1;
    host = await world.startHost();
  }

  const outcomes = await Promise.all(leaving.map(({ userId }) => world.closed(userId)));
  const history = await world.calmHistory();
  const inFlight = outcomes.flat().filter(({ acceptedAt }) => acceptedAt === null).length;
  console.log(`host killed at random: ${kills} kills, ${inFlight} of them with a revoke on its way`);
  for (const outcome of outcomes) expect(outcome).toMatchObject([{ outcome: "revoked", verified: true }]);
  for (const { userId, scheduleId } of leaving) {
    // A call whose result died with the host may be repeated only after 15 s of reads that do not show its effect. Here they show it
    // within 5 s, so the exception never applies.
    const [accepted, ...more] = revokesOf(history, userId);
    expect(more).toEqual([]);
    expect(accepted).toBeGreaterThanOrEqual(goneAt(history, scheduleId));
  }
  expect(kills).toBeGreaterThan(0);
});
