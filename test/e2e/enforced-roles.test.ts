import { describe, it } from "vitest";
import { readHealth } from "./support/health.ts";
import { revokesOf } from "./support/history.ts";
import { activate, helpdeskAdministrator } from "./support/roles.ts";
import { eventually, openWorld } from "./support/world.ts";

describe.concurrent("ENFORCED_ROLES", () => {
  it("cuts the roles that it names, and records the others", async ({ expect }) => {
    await using world = await openWorld("enforcedroles");
    const host = await world.startHost({ ENFORCED_ROLES: "Global Administrator, user administrator" });
    const named = await activate(world.control);
    const other = await activate(world.control, { roleDefinitionId: helpdeskAdministrator });
    expect(await world.closed(named.userId)).toMatchObject([{ outcome: "revoked" }]);
    expect(await world.closed(other.userId)).toMatchObject([{ outcome: "outOfScope", detail: "role" }]);
    expect(revokesOf(await world.calmHistory(), other.userId)).toEqual([]);
    expect((await readHealth(host)).problems).toEqual([]);
  });

  it("that names no role is shown with near matches, and what it may mean is held", async ({ expect }) => {
    await using world = await openWorld("misspeltrole");
    const host = await world.startHost({ ENFORCED_ROLES: "User Adminstrator" });
    const { userId } = await activate(world.control);
    await eventually(async () => {
      const { problems } = await readHealth(host);
      expect(problems).toEqual([expect.stringContaining("Did you mean User Administrator?")]);
    });
    await eventually(async () => {
      const [revocation] = (await world.stored(userId)).revocations.values();
      expect(revocation?.progress).toMatchObject({ state: "pending", heldBy: "enforcedRoles" });
    });
    await host.stop();
    await world.startHost({ ENFORCED_ROLES: "User Administrator" });
    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked" }]);
  });
});
