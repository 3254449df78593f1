import { expect, test } from "vitest";
import { registerLive } from "../../../functions/live.ts";
import { declared, fakeHost, invocation, request } from "./fakes.ts";

test.each([
  [true, 200],
  [false, 503],
])("settings that are good (%s) are answered with %i and nothing else", async (isConfigured, status) => {
  const { host, http } = fakeHost();
  registerLive(host, isConfigured);
  const { methods, authLevel, route, handler } = declared(http, "live");
  expect({ methods, authLevel, route }).toEqual({ methods: ["GET"], authLevel: "anonymous", route: "live" });
  expect(await handler(request("GET"), invocation())).toEqual({ status });
});
