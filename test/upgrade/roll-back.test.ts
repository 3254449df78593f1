import { describe, expect, it } from "vitest";
import { keepSubscriptions } from "../../shared/notifications/keep-subscriptions.ts";
import { jane } from "../fixtures/fake-world.ts";
import { readFrozen, type Work } from "../fixtures/frozen/frozen.ts";
import { createFrozenWorld, type FrozenWorld } from "../fixtures/frozen/frozen-world.ts";
import { admins, groupRole, member } from "../fixtures/group-world.ts";
import { at } from "../fixtures/principal-builders.ts";
import { createKeeperWorld } from "../fixtures/subscriptions.ts";

const ours = "7f105c7d-2dc5-4530-97cd-4e7ae6534c07";
const probed = "roleManagement/directory/roleAssignmentScheduleInstances";
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);
const revokedIn = ({ revoked }: FrozenWorld) => revoked.map(({ userId }) => userId).toSorted();

/** A newer version left this work undone, in a row of a form that this one does not know: this one stands for the older. */
async function rolledBack(work: Work, name: "principals" | "state", partition: string, prefix: string) {
  const world = await createFrozenWorld(await readFrozen("first-holdings", work));
  const table = world[name];
  const [row] = (await table.list(partition, prefix)).value;
  if (row === undefined) throw new Error(`The fixture has no row ${prefix}.`);
  const put = (content: unknown) => table.commit(partition, [{ type: "upsert", row: row.row, content }]);
  await put({ ...Object(row.content), schema: 2, somethingNew: true });
  const stored = async () => (await table.get(partition, row.row)).value;
  const newer = await stored();
  return { world, stored, newer, rollForward: () => put(row.content) };
}

describe("an older version meets the row of a newer one, leaves it as it is, and loses nothing", () => {
  it("a call whose result nobody knows: its user is left alone, and cut after rolling forward", async () => {
    const { world, stored, newer, rollForward } = await rolledBack("open-attempt", "principals", jane, "attempt");
    await world.goOn(400);
    expect(world.revoked).toEqual([]);
    expect(await stored()).toEqual(newer);
    await rollForward();
    await world.goOn(1200);
    expect(revokedIn(world)).toEqual([jane]);
    expect(world.outcomes()).toEqual([[jane, "revoked"]]);
  });

  it("a group's fan-out that is half-way: who was enqueued is cut, and the rest follows after rolling forward", async () => {
    const { world, stored, newer, rollForward } = await rolledBack("fanout-half-way", "principals", admins, "fanout|");
    world.shown.members.set(admins, numbers(0, 103).map(member));
    await world.goOn(400);
    const recorded = [...numbers(0, 10), 100, 101].map(member);
    expect(revokedIn(world)).toEqual(recorded);
    expect(await stored()).toEqual(newer);
    await rollForward();
    await world.goOn(1600);
    expect(revokedIn(world)).toEqual([...recorded, member(102)]);
  });

  it("a mass expiry: raised, and everybody is cut without it", async () => {
    const { world, stored, newer } = await rolledBack("mass-expiry-announced", "state", "massExpiry", "");
    await world.goOn(400);
    const inMassExpiry = numbers(500, 524).map(member);
    expect(revokedIn(world)).toEqual(inMassExpiry);
    expect(world.recordedOf("rowUnreadable")).toContainEqual(expect.objectContaining({ partition: "massExpiry" }));
    expect(await stored()).toEqual(newer);
  });

  it("a subscription: it is raised, none is made or taken away beside it, and the others are kept", async () => {
    const { world, stored, newer, rollForward } = await rolledBack("subscriptions", "state", "subscriptions", "groups");
    world.shown.roles = [groupRole({ endDateTime: null })];
    const { keeper, existing, calls, goTo, recorded } = createKeeperWorld();
    const { principals, state, clock, signals } = world.dependencies;
    const keepAt = (seconds: number) => {
      for (const move of [goTo, world.goTo]) move(at(seconds));
      return keepSubscriptions({ ...keeper, principals, state, clock, signals });
    };
    const url = keeper.endpoints?.notificationUrl ?? "";
    existing.set(ours, {
      id: ours,
      resource: `/Groups/${admins}/members`,
      notificationUrl: url,
      expiresAt: at(9999),
      applicationId: null,
    });
    await keepAt(90_000);
    expect(calls.toSorted()).toEqual(["create auditLogs/directoryAudits", `create ${probed}`]);
    expect(recorded).toContainEqual({
      name: "rowUnreadable",
      properties: expect.objectContaining({ partition: "subscriptions" }),
    });
    expect(await stored()).toEqual(newer);
    await rollForward();
    calls.length = 0;
    await keepAt(180_000);
    // The record is ours again, and what stood in its place goes.
    expect(calls).toContain(`delete /Groups/${admins}/members`);
  });
});
