import { describe, expect, test } from "vitest";
import { isEnforced, resolveRoles } from "../../../shared/enforcement/policy.ts";
import { GraphPermanentError, GraphRetryableError } from "../../../shared/graph/errors.ts";
import { createFakeWorld, userAdministrator } from "../../fixtures/fake-world.ts";

const custom = "0f5f6d33-0000-4000-8000-000000000001";
const names = new Map([
  [userAdministrator, "User Administrator"],
  ["62e90394-69f5-4237-9190-012177145e10", "Global Administrator"],
  [custom, "Keeper of Keys"],
]);
const { telemetry } = createFakeWorld().dependencies;
const resolve = (...entries: string[]) => resolveRoles(entries, async () => names, telemetry);

describe("entries", () => {
  test("are names in any case or ids", async () => {
    expect(await resolve("user ADMINISTRATOR", custom.toUpperCase())).toEqual({
      ids: new Set([userAdministrator, custom]),
      complete: true,
      problems: [],
    });
  });

  test("that Graph does not know are reported by their place, with near matches, and leave the others in force", async () => {
    const { ids, complete, problems } = await resolve("Global Administrator", "User Adminstrator", "x");
    expect([ids.size, complete]).toEqual([1, false]);
    expect(problems).toEqual([
      expect.stringMatching(/entry 2 of 3 .* Did you mean User Administrator\?/),
      expect.stringMatching(/entry 3 of 3 .* display name or template id/),
    ]);
    expect(problems.join()).not.toContain("Adminstrator");
  });

  test("an id of no role is a problem, but can mean nothing else", async () => {
    const { complete, problems } = await resolve("0f5f6d33-0000-4000-8000-00000000dead");
    expect([complete, problems.length]).toEqual([true, 1]);
  });
});

describe("while Graph's role names cannot be read", () => {
  test.each([
    new GraphRetryableError("Unavailable.", { code: "timeout", reason: "unavailable" }),
    new GraphPermanentError("Forbidden.", { code: "Authorization_RequestDenied", status: 403 }),
  ])("ids hold and names are held: $code", async (error) => {
    const unreadable = () => Promise.reject(error);
    expect(await resolveRoles([userAdministrator], unreadable, telemetry)).toMatchObject({
      complete: true,
      problems: [],
    });
    const { complete, problems } = await resolveRoles(["User Administrator"], unreadable, telemetry);
    expect([complete, problems.length]).toEqual([false, 1]);
  });

  test("an error that is no failure of Graph is thrown", async () => {
    const broken = () => Promise.reject(new TypeError("a bug"));
    await expect(resolveRoles(["User Administrator"], broken, telemetry)).rejects.toThrow("a bug");
  });
});

test("without the setting every role is enforced", () => {
  expect(isEnforced(custom, "all")).toBe("yes");
});
