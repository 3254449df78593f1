import { expect, test } from "vitest";
import { startStack } from "../../local/stack/start-stack.ts";
import { short, userAdministrator } from "./support/roles.ts";

test("ends that Graph's own audit log shows pass the threshold without an operator", { timeout: 180_000 }, async () => {
  const stack = await startStack({
    CUTOFF_MODE: "enforce",
    INCLUDED_PRINCIPALS: "all",
    RESYNC_SECONDS: "5",
    THRESHOLD_PLANNED: "1",
  });
  const { control } = stack.tenant;
  const activate = async (name: string) => {
    const { id: principalId } = await control.createUser({ name });
    await control.makeEligible({ principalId, roleDefinitionId: userAdministrator });
    await control.activate({ principalId, roleDefinitionId: userAdministrator, durationSeconds: short });
    return principalId;
  };
  const users = await Promise.all(["Ada", "Bo", "Cy"].map(activate));
  const revoked = async () =>
    new Set((await control.history()).flatMap((event) => (event.event === "revokeAccepted" ? [event.userId] : [])));
  await expect.poll(revoked, { timeout: 150_000, interval: 500 }).toEqual(new Set(users));
  const asked = (await control.history()).filter(
    (event) => event.event === "graphCalled" && event.path.includes("directoryAudits"),
  );
  expect(asked.length).toBeGreaterThan(0);
  await stack.stop();
});
