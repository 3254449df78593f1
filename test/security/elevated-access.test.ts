import { expect, test } from "vitest";
import { elevationOf } from "../../shared/audit-log/classify.ts";
import { learnElevations } from "../../shared/audit-log/read-again.ts";
import { addElevations, mostElevated } from "../../shared/enforcement/elevated-access.ts";
import { GraphRetryableError } from "../../shared/graph/errors.ts";
import { loadPrincipal } from "../../shared/model/load-and-commit.ts";
import { globalAdministrator } from "../../shared/model/pending-revocation.ts";
import { reconcile } from "../../shared/reconcile/reconcile.ts";
import { elevationRow, target } from "../fixtures/audit/audit-rows.ts";
import { createAuditWorld } from "../fixtures/audit/audit-world.ts";
import { recordOf } from "../fixtures/audit/history-of.ts";
import { activation, jane } from "../fixtures/fake-world.ts";
import { at } from "../fixtures/principal-builders.ts";

const day = 86_400;
const omar = "0a1b2c3d-0000-4000-8000-000000000002";

/** Jane is a Global Administrator until a minute after the start. */
async function createWorld(roleDefinitionId = globalAdministrator) {
  const world = createAuditWorld();
  await learnElevations(world.dependencies);
  expect(world.asked).toEqual([]);
  await world.readAt(0);
  world.show(activation({ roleDefinitionId }));
  world.showFrom(at(61), { instances: [], directory: [] });
  const write = (seconds: number, elevated: boolean, lateBy = 0, user = jane) =>
    world.writeRow(seconds, (changes) => elevationRow(user, elevated, changes), {}, lateBy);
  const end = async () => {
    await reconcile({ principalId: jane, because: "resync", tries: 0 }, world.dependencies);
    await world.deliver(120);
  };
  const alarms = () =>
    world.recorded.filter(({ name }) => name === "elevatedAccessStays").map((recorded) => recorded.properties);
  const outcomes = () => world.recorded.filter(({ name }) => name === "outcome").map((recorded) => recorded.properties);
  return { world, write, end, alarms, outcomes };
}

test("a Global Administrator who elevated their access weeks ago keeps Azure: the outcome and one alarm say so", async () => {
  const { world, write, end, alarms, outcomes } = await createWorld();
  write(-20 * day, true);
  await learnElevations(world.dependencies);
  await end();
  expect(outcomes()).toMatchObject([{ outcome: "revoked", elevated: true }]);
  expect(alarms()).toMatchObject([{ principalId: jane, roleDefinitionId: globalAdministrator, outcome: "revoked" }]);
});

test.each([
  { what: "removed it again", rows: [true, false], elevated: false },
  { what: "removed it and elevated once more", rows: [true, false, true], elevated: true },
  { what: "never did", rows: [], elevated: false },
])("whoever $what: $elevated", async ({ rows, elevated }) => {
  const { world, write, end, alarms, outcomes } = await createWorld();
  for (const [index, row] of rows.entries()) write(-3600 + index * 60, row);
  await learnElevations(world.dependencies);
  await end();
  expect(outcomes().map((outcome) => outcome.elevated ?? false)).toEqual([elevated]);
  expect(alarms()).toHaveLength(elevated ? 1 : 0);
});

test("another role, and somebody else's elevation, say nothing", async () => {
  for (const [role, user] of [
    ["fe930be7-5e62-47db-91af-98c3a49a38b1", jane],
    [globalAdministrator, omar],
  ] as const) {
    const { world, write, end, alarms } = await createWorld(role);
    write(-60, true, 0, user);
    await learnElevations(world.dependencies);
    await end();
    expect(alarms()).toEqual([]);
  }
});

test("elevating seconds before the end is reported when its row comes, minutes after the outcome, and once", async () => {
  const { world, write, end, alarms } = await createWorld();
  await learnElevations(world.dependencies);
  write(55, true, 300_000);
  await end();
  expect(alarms()).toEqual([]);
  for (const seconds of [300, 360, 390, 420]) await world.readAt(seconds);
  expect(alarms()).toMatchObject([{ principalId: jane, outcome: "revoked" }]);
  const { state } = await loadPrincipal(world.principals, jane);
  expect([...state.revocations.values()]).toMatchObject([{ elevated: true }]);
});

test("the log is read as far back as it goes once, again after a failure, and again when somebody removes the row", async () => {
  const { world } = await createWorld();
  const asked = () => world.asked.slice(1).map(({ since }) => Math.round((world.clock.now() - since) / 86_400_000));
  world.audits.error = new GraphRetryableError("wait", { code: "reportPace", reason: "throttled" });
  await learnElevations(world.dependencies);
  await learnElevations(world.dependencies);
  expect(asked()).toEqual([30]);
  world.audits.error = undefined;
  world.goTo(at(301));
  await learnElevations(world.dependencies);
  await learnElevations(world.dependencies);
  expect(asked()).toEqual([30, 30, 30]);
  const { value } = await world.state.list("elevated");
  for (const { row, etag } of value) await world.state.commit("elevated", [{ type: "delete", row, etag }]);
  await learnElevations(world.dependencies);
  expect(asked()).toHaveLength(5);
});

test("a removal counts for the user whom it names, else for whoever did it; another category for nobody", () => {
  const names = { targetResources: [target("User", omar)] };
  const recorded = (row: unknown) => elevationOf(recordOf(row)).map(({ userId, elevated }) => [userId, elevated]);
  expect(recorded(elevationRow(jane, true, names))).toEqual([[jane, true]]);
  expect(recorded(elevationRow(jane, false))).toEqual([[jane, false]]);
  expect(recorded(elevationRow(jane, false, names))).toEqual([[omar, false]]);
  expect(
    recorded(elevationRow(jane, true, { initiatedBy: { user: null, app: { servicePrincipalId: omar } } })),
  ).toEqual([]);
  expect(recorded(elevationRow(jane, true, { category: "RoleManagement" }))).toEqual([]);
  expect(recorded(elevationRow(jane, true, { result: "failure" }))).toEqual([]);
});

test("of more people than a row holds those are forgotten who are not elevated", () => {
  const people = Array.from({ length: mostElevated + 1 }, (_, n) => ({
    userId: `user-${n}`,
    elevated: n !== 7,
    at: n,
  }));
  const known = addElevations(new Map(), people);
  expect(known.size).toBe(mostElevated);
  expect(known.has("user-7")).toBe(false);
});

test("what is remembered in another version's form holds up no cut", async () => {
  const { world, end, outcomes } = await createWorld();
  await world.state.commit("elevated", [{ type: "upsert", row: "people", content: { schema: 9 } }]);
  await end();
  expect(outcomes()).toMatchObject([{ outcome: "revoked" }]);
  expect(world.recordedNames()).toContain("rowUnreadable");
});
