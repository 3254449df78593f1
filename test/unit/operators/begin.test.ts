import { expect, test } from "vitest";
import { begin } from "../../../shared/operators/start-up.ts";
import type { PolicySettings } from "../../../shared/settings/settings.ts";
import { enforceAll, start } from "../../fixtures/fake-world.ts";
import { activationOf, createManyUsers } from "../../fixtures/many-users.ts";

test("leaving a pause by the settings reports what is pending, once for all instances", async () => {
  const world = createManyUsers({ limits: { planned: 0, unplanned: 0 } });
  const beginWith = (policy: PolicySettings) => begin({ ...world.dependencies, policy });
  world.showOf(1, activationOf(1));
  await world.pass(1);
  world.shown.atTime = (now) => {
    if (now > start + 61_000) world.showOf(1);
  };
  await world.deliver(start + 120_000);
  await beginWith({ ...enforceAll, mode: "reportOnly" });
  world.goTo(start + 180_000);
  await beginWith(enforceAll);
  await beginWith(enforceAll);
  expect(world.recordedOf("revokingBegan")).toEqual([
    {
      after: "reportOnly",
      since: new Date(start + 120_000).toISOString(),
      pendingPrincipals: 1,
      oldestPendingSince: new Date(start + 61_000).toISOString(),
    },
  ]);
});

test("settings that end no pause report nothing", async () => {
  const world = createManyUsers();
  for (const mode of ["enforce", "off", "reportOnly"] as const) {
    await begin({ ...world.dependencies, policy: { ...enforceAll, mode } });
  }
  expect(world.recorded).toEqual([]);
});
