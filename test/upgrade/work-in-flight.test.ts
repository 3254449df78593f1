import { describe, expect, it } from "vitest";
import { keepSubscriptions } from "../../shared/notifications/keep-subscriptions.ts";
import { loadSubscriptions } from "../../shared/notifications/subscription-record.ts";
import { activation, jane } from "../fixtures/fake-world.ts";
import { readFrozen, versions, type Work } from "../fixtures/frozen/frozen.ts";
import { createFrozenWorld, type FrozenWorld } from "../fixtures/frozen/frozen-world.ts";
import { admins, groupRole, member } from "../fixtures/group-world.ts";
import { at } from "../fixtures/principal-builders.ts";
import { createKeeperWorld } from "../fixtures/subscriptions.ts";

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);
const inMassExpiry = numbers(500, 524).map(member);
const day = 86_400;

const revokedIn = ({ revoked }: FrozenWorld) => revoked.map(({ userId }) => userId).toSorted();
const revokedOnce = (ids: readonly string[]) => ids.map((id) => [id, "revoked"]);

/** Graph's answer to the calls of which that version knew that they were accepted. */
async function showAccepted(world: FrozenWorld): Promise<readonly string[]> {
  const accepted: string[] = [];
  for await (const { partition, content } of world.principals.scan("attempt")) {
    if (Object(content).state === "accepted") accepted.push(partition);
  }
  for (const id of accepted) world.validFrom.set(id, at(62));
  return accepted;
}

describe.each(versions)("what %s left undone", (version) => {
  const open = async (work: Work) => createFrozenWorld(await readFrozen(version, work));

  it("a role that is waited for: cut once it has ended", async () => {
    const world = await open("waiting");
    world.shown.roles = [activation()];
    world.from(61.4, () => {
      world.shown.roles = [];
    });
    await world.deliver(300);
    expect(world.revoked).toEqual([{ userId: jane, at: expect.any(Number) }]);
    expect(world.revoked[0]?.at).toBeGreaterThanOrEqual(at(61.4));
    expect(world.outcomes()).toEqual(revokedOnce([jane]));
  });

  it("a first absence: the second one is its second", async () => {
    const world = await open("absent");
    await world.deliver(604);
    expect(world.revoked).toEqual([]);
    await world.deliver(640);
    expect(world.outcomes()).toEqual(revokedOnce([jane]));
    expect(world.revoked).toHaveLength(1);
    expect((await world.revocationsOf(jane))[0]).toMatchObject({ cutOff: at(600) });
  });

  it.each([
    { graph: "applied it", calls: 0 },
    { graph: "never saw it", calls: 1 },
  ])("a call whose result nobody knows, and Graph $graph: read back first", async ({ calls }) => {
    const world = await open("open-attempt");
    if (calls === 0) world.validFrom.set(jane, at(62));
    await world.deliver(70);
    expect(world.revoked).toEqual([]);
    await world.goOn(400);
    expect(world.revoked).toHaveLength(calls);
    expect(world.outcomes()).toEqual(revokedOnce([jane]));
  });

  it("a call that Graph accepted and does not show yet: not made again", async () => {
    const world = await open("accepted");
    world.from(75, () => world.validFrom.set(jane, at(62)));
    await world.goOn(400);
    expect(world.revoked).toEqual([]);
    expect(world.outcomes()).toEqual(revokedOnce([jane]));
  });

  it("a group's fan-out that is half-way: goes on where it stood, and cuts each member once", async () => {
    const world = await open("fanout-half-way");
    world.shown.members.set(admins, numbers(0, 103).map(member));
    const reached = (await world.stateOf()).fanouts.values().next().value;
    expect(reached).toMatchObject({ position: member(99), reached: 100 });
    await world.goOn(400);
    // Of those that were enqueued, ten are in the fixture: the other ninety would have to be enqueued again to be cut here.
    const expected = [...numbers(0, 10), ...numbers(100, 103)].map(member);
    expect(revokedIn(world)).toEqual(expected);
    expect(world.outcomes().toSorted()).toEqual(revokedOnce(expected));
    expect((await world.stateOf()).fanouts.size).toBe(0);
  });

  it("a mass expiry that is announced: one reader of the list cuts all", async () => {
    const world = await open("mass-expiry-announced");
    world.shown.roles = inMassExpiry.map((principalId) => activation({ principalId }));
    world.from(61.4, () => {
      world.shown.roles = [];
    });
    await world.deliver(300);
    expect(revokedIn(world)).toEqual(inMassExpiry);
    expect(world.recordedOf("massExpiryEnded")).toMatchObject([{ left: 0 }]);
  });

  it("a mass expiry whose host died in the middle: the others are cut, nobody twice", async () => {
    const world = await open("mass-expiry-begun");
    const accepted = await showAccepted(world);
    expect(accepted.length).toBeGreaterThan(5);
    await world.goOn(400);
    expect(revokedIn(world)).toEqual(inMassExpiry.filter((id) => !accepted.includes(id)));
    expect(world.outcomes().toSorted()).toEqual(revokedOnce(inMassExpiry));
  });

  it("subscriptions: kept, believed, renewed in time, and what Graph does not offer is not asked for again before its time", async () => {
    const world = await open("subscriptions");
    world.shown.roles = [groupRole({ endDateTime: null })];
    const { keeper, existing, calls, goTo } = createKeeperWorld();
    const { principals, state, clock, signals } = world.dependencies;
    const keepAt = async (time: number) => {
      for (const move of [goTo, world.goTo]) move(time);
      await keepSubscriptions({ ...keeper, principals, state, clock, signals });
    };
    const records = [...(await loadSubscriptions(state)).values()];
    const record = records.find(({ id }) => id !== null);
    if (record?.id == null || record.expiresAt === null) throw new Error("One was created.");
    const { resource, changeType, expiresAt, notificationUrl, lifecycleUrl, applicationId } = record;
    const known = { id: record.id, resource, changeType, expiresAt, notificationUrl, lifecycleUrl, applicationId };
    existing.set(record.id, known);
    await keepAt(at(600));
    expect(calls).toEqual([]);
    await keepAt(expiresAt - day * 1000);
    expect(calls).toContain(`renew ${resource}`);
    expect(calls.filter((call) => call.startsWith("create"))).toHaveLength(records.length - 1);
  });

  it.each(["waiting", "absent", "open-attempt", "accepted", "fanout-half-way", "mass-expiry-begun", "kinds"] as const)(
    "%s: every seal of a row or message holds",
    async (work) => {
      const left = await readFrozen(version, work);
      const world = await createFrozenWorld(left);
      for (const { partition, row } of left.principals) await world.principals.get(partition, row);
      for (const { partition, row } of left.state) await world.state.get(partition, row);
      expect(world.forged).toEqual([]);
      for (const { content, visibleAt } of left.messages) {
        if (visibleAt - left.at < 3_600_000) expect(world.isOurs(content)).toBe(true);
      }
    },
  );
});
