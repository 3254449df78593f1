import { expect, test } from "vitest";
import { readHealth } from "../../../shared/operators/health.ts";
import { checkSettings, coldFunctions } from "../../../shared/operators/start-up.ts";
import { createFakeWorld, enforceAll } from "../../fixtures/fake-world.ts";
import { settingsOf } from "../settings/reading.ts";

test("a problem that only Graph can show is raised once and shown by health until it is gone", async () => {
  const world = createFakeWorld();
  const { control } = world.dependencies;
  let problems = ["ENFORCED_ROLES: entry 1 of 1 is no role of this tenant."];
  const enforcedRoles = async () => ({ ids: new Set<string>(), complete: false, problems });
  const check = () => checkSettings({ ...world.dependencies, enforcedRoles });
  const shown = async () => (await readHealth(world.state, control, enforceAll, 10_000)).problems;

  await check();
  await check();
  expect(world.recordedNames()).toEqual(["settingProblem"]);
  expect(await shown()).toContain(problems[0]);
  const [problem] = problems;
  problems = [];
  await check();
  expect(await shown()).not.toContain(problem);
});

test("the principals of the settings are asked of Graph at least every twenty seconds, and shown beside the roles", async () => {
  const world = createFakeWorld();
  const ages: (number | undefined)[] = [];
  const nobody = { ids: new Set<string>(), joined: new Map(), doubtful: new Set<string>(), complete: false };
  const scope = async (maxAge?: number) => {
    ages.push(maxAge);
    return {
      included: "all" as const,
      excluded: [nobody],
      problems: ["EXCLUDED_PRINCIPALS: entry 1 of 1 cannot be read."],
    };
  };
  const enforcedRoles = async () => ({ ids: new Set<string>(), complete: false, problems: ["ENFORCED_ROLES"] });
  await checkSettings({ ...world.dependencies, enforcedRoles, scope });
  expect(ages).toEqual([20_000]);
  const { problems } = await readHealth(world.state, world.dependencies.control, enforceAll, 10_000);
  expect(problems).toEqual(
    expect.arrayContaining(["ENFORCED_ROLES", "EXCLUDED_PRINCIPALS: entry 1 of 1 cannot be read."]),
  );
});

test("without such settings there is nothing to ask or to write", async () => {
  const world = createFakeWorld();
  await checkSettings(world.dependencies);
  expect((await world.state.list("settings")).value).toEqual([]);
});

test.each([
  { what: "no instance is kept ready for known ends", ready: "http,heartbeat", is: true },
  { what: "one is", ready: "principals", is: false },
  { what: "nobody knows", ready: undefined, is: false },
])("an app of which $what says so on the status page: $is", async ({ ready, is }) => {
  const world = createFakeWorld();
  await checkSettings(world.dependencies, coldFunctions(settingsOf({ ALWAYS_READY: ready })));
  const { problems } = await readHealth(world.state, world.dependencies.control, enforceAll, 10_000);
  expect(problems.some((problem) => problem.startsWith("ALWAYS_READY: "))).toBe(is);
  expect(world.recordedNames()).toEqual(is ? ["settingProblem"] : []);
});
