import { expect, test } from "vitest";
import { attend } from "../../../shared/assignments/attend.ts";
import { GraphRetryableError } from "../../../shared/graph/graph-errors.ts";
import { readStatus } from "../../../shared/status/read-status.ts";
import { aHealth } from "../../fixtures/a-status.ts";
import { activation, createFakeWorld, jane, userAdministrator } from "../../fixtures/fake-world.ts";

async function createWatchedWorld() {
  const world = createFakeWorld();
  world.show(activation());
  await attend({ principalId: jane, because: "resync", tries: 0 }, world.dependencies);
  const { principals, clock } = world.dependencies;
  const read = (roleNames = async () => new Map([[userAdministrator, "User Administrator"]])) =>
    readStatus({ principals, health: async () => aHealth(), stop: async () => null, roleNames, clock });
  return { ...world, principals, read };
}

test("what is watched is shown with its role's name", async () => {
  const { read } = await createWatchedWorld();
  expect(await read()).toMatchObject({
    unreadable: 0,
    upcoming: { total: 1, shown: [{ principalId: jane, privilege: "User Administrator", scope: "/" }] },
  });
});

test("without Graph roles are shown by their ids", async () => {
  const { read } = await createWatchedWorld();
  const status = await read(async () => {
    throw new GraphRetryableError("no", { code: "timeout", reason: "unavailable" });
  });
  expect(status.upcoming.shown).toMatchObject([{ privilege: userAdministrator }]);
});

test("a principal whose rows this version cannot read is counted, and hides nobody else", async () => {
  const { read, principals } = await createWatchedWorld();
  await principals.commit("another", [{ type: "insert", row: "head", content: { schema: 99 } }]);
  await principals.commit("one-more", [{ type: "insert", row: "unheard-of", content: { schema: 1 } }]);
  expect(await read()).toMatchObject({ unreadable: 2, upcoming: { total: 1 } });
});
