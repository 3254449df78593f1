import { expect, test } from "vitest";
import { resync } from "../../shared/reconcile/resync.ts";
import { directoryRoleRow, target } from "../fixtures/audit/audit-rows.ts";
import { createAuditWorld } from "../fixtures/audit/audit-world.ts";
import { activation, jane } from "../fixtures/fake-world.ts";
import { at } from "../fixtures/principal-builders.ts";

test.each([
  { rules: [], outcomes: ["principalGone"], revoked: [] },
  { rules: ["Restore user"], outcomes: ["principalGone", "revoked"], revoked: [jane] },
])("an account that is deleted at the end of its role, and restored: AUDIT_RULES $rules", async (row) => {
  const world = createAuditWorld(row.rules);
  const dependencies = { ...world.dependencies, resyncEvery: 10_000 };
  world.show(activation());
  const { user } = world.shown;
  world.when(at(59), () => Object.assign(world.shown, { user: null, instances: [], directory: [] }));
  world.when(at(600), () => Object.assign(world.shown, { user }));
  const restored = {
    category: "UserManagement",
    activityDisplayName: "Restore user",
    operationType: "Update",
    targetResources: [target("User", jane)],
  };
  world.writeRow(600, directoryRoleRow, restored);
  for (let now = 0; now < 1200; now += 30) {
    await world.readAt(now);
    await resync(dependencies);
    await world.deliver(now + 30);
  }
  expect(world.outcomes()).toEqual(row.outcomes);
  expect(world.shown.revoked).toEqual(row.revoked);
});
