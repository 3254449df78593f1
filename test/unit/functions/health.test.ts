import { expect, test } from "vitest";
import { registerHealth } from "../../../functions/health.ts";
import { readHealth } from "../../../shared/operators/health.ts";
import { createFakeWorld, enforceAll } from "../../fixtures/fake-world.ts";
import { declared, fakeApp, fakeHost, invocation, request } from "./fakes.ts";

test.each([
  [true, 200],
  [false, 503],
])("an app whose health is %s is answered with %i and its state, which nobody may keep", async (healthy, status) => {
  const { state, dependencies } = createFakeWorld();
  const health = { ...(await readHealth(state, dependencies.control, enforceAll, 10_000)), healthy };
  const { host, http } = fakeHost();
  registerHealth(host, fakeApp({ health: async () => health }));
  const { methods, authLevel, route, handler } = declared(http, "health");
  expect({ methods, authLevel, route }).toEqual({ methods: ["GET"], authLevel: "function", route: "health" });
  expect(await handler(request("GET"), invocation())).toEqual({
    status,
    jsonBody: health,
    headers: { "Cache-Control": "no-store" },
  });
});
