import { expect, test } from "vitest";
import { GraphRetryableError } from "../../../shared/graph/errors.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { noNames, type ReadNames, type Wanted } from "../../../shared/status/known-names.ts";
import { readStatus, type StatusDependencies } from "../../../shared/status/read-status.ts";
import { aHealth } from "../../fixtures/a-status.ts";
import { activation, createFakeWorld, jane, userAdministrator } from "../../fixtures/fake-world.ts";
import { anOperator } from "../../fixtures/operators.ts";

async function createWatchedWorld() {
  const world = createFakeWorld();
  world.show(activation());
  await reconcile({ principalId: jane, because: "resync", tries: 0 }, world.dependencies);
  const { principals, clock } = world.dependencies;
  const read = (over: Partial<StatusDependencies> = {}) =>
    readStatus(
      {
        principals,
        health: async () => aHealth(),
        stop: async () => null,
        roleNames: async () => new Map([[userAdministrator, "User Administrator"]]),
        names: noNames,
        clock,
        portal: null,
        runbook: null,
        ...over,
      },
      anOperator,
    );
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
  const status = await read({
    roleNames: async () => {
      throw new GraphRetryableError("no", { code: "timeout", reason: "unavailable" });
    },
  });
  expect(status.upcoming.shown).toMatchObject([{ privilege: userAdministrator }]);
});

test("who looks and who ends next is asked for by name; the reason of a stop is told", async () => {
  const { read } = await createWatchedWorld();
  const asked: Wanted[] = [];
  const names: ReadNames = async (wanted) => {
    asked.push(wanted);
    return { [jane]: "Jane" };
  };
  const order = { by: jane, reason: "drill" };
  const status = await read({ names, stop: async () => ({ order }) });
  expect(asked).toEqual([{ users: [anOperator.objectId, jane], groups: [] }]);
  expect(status).toMatchObject({ names: { [jane]: "Jane" }, stopReason: "drill" });
  expect(status.operator).toEqual({ objectId: anOperator.objectId, roles: [...anOperator.roles] });
});

test("a principal whose rows this version cannot read is counted, and hides nobody else", async () => {
  const { read, principals } = await createWatchedWorld();
  await principals.commit("another", [{ type: "insert", row: "head", content: { schema: 99 } }]);
  await principals.commit("one-more", [{ type: "insert", row: "unheard-of", content: { schema: 1 } }]);
  expect(await read()).toMatchObject({ unreadable: 2, upcoming: { total: 1 } });
});
