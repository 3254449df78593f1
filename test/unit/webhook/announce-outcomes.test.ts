import { expect, test } from "vitest";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { StorageUnavailableError } from "../../../shared/storage/table.ts";
import { jane } from "../../fixtures/fake-world.ts";
import { createMemoryQueue } from "../../fixtures/memory-storage.ts";
import { createEndedWorld, play, resynced } from "../../fixtures/play.ts";
import { janesKey } from "../../fixtures/principal-builders.ts";

test("an outcome sends one notice, before the commit that gives it", async () => {
  const world = await createEndedWorld();
  const notices = createMemoryQueue({ now: world.clock.now });
  Object.assign(world.dependencies, { notices });
  await play(world, 3600);
  expect(world.outcomes()).toEqual(["revoked"]);
  expect(notices.peekAll().map(({ content }) => content)).toEqual([
    { v: 1, principalId: jane, key: janesKey, tries: 0 },
  ]);
});

test("when it cannot be sent nothing is committed, and the next pass sends it", async () => {
  const world = await createEndedWorld();
  const notices = createMemoryQueue({ now: world.clock.now });
  let failures = 1;
  const send: typeof notices.send = async (message, delay) => {
    failures -= 1;
    if (failures >= 0) throw new StorageUnavailableError("no answer");
    await notices.send(message, delay);
  };
  Object.assign(world.dependencies, { notices: { send } });
  await reconcile(resynced, world.dependencies);
  await play(world, 3600);
  expect(world.outcomes()).toEqual(["revoked"]);
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(notices.peekAll()).toHaveLength(1);
});

test("without a receiver nothing is sent", async () => {
  const world = await createEndedWorld();
  await play(world, 3600);
  expect(world.outcomes()).toEqual(["revoked"]);
});
