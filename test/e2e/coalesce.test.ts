import { expect, it } from "vitest";
import { revokesOf } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { eventually, openWorld } from "./support/world.ts";

it("with COALESCE_MINUTES two roles that end half a minute apart sign a person out once, though the host is killed in between", async () => {
  await using world = await openWorld("coalesce");
  const { control } = world;
  const settings = { COALESCE_MINUTES: "1" };
  const host = await world.startHost(settings);
  const keys = await control.createRole({ name: "Keeper of Keys" });
  const doors = await control.createRole({ name: "Keeper of Doors" });
  const first = await activate(control, { roleDefinitionId: keys.id });
  const { userId } = first;
  const second = await activate(control, { userId, seconds: 48, roleDefinitionId: doors.id });
  await world.awaitHoldings(userId, 2);
  await eventually(async () => {
    const [revocation] = (await world.stored(userId)).revocations.values();
    expect(revocation?.progress).toMatchObject({ state: "pending", heldBy: "anotherEnd" });
  });
  await host.kill();
  await world.startHost(settings);

  expect(await world.closed(userId, 2)).toMatchObject([{ outcome: "revoked" }, { outcome: "revoked" }]);
  const [accepted = Number.NaN, ...more] = revokesOf(await world.calmHistory(), userId);
  expect(more).toEqual([]);
  expect(accepted).toBeGreaterThan(second.end);
  expect(accepted).toBeLessThan(first.end + 60_000);
});
