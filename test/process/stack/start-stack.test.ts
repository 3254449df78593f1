import { expect, test } from "vitest";
import { startTenantProcess } from "../../../local/stack/start-stack.ts";

test("a tenant of its own can be steered, knows where app tokens come from, and ends on request", async () => {
  const tenant = await startTenantProcess();
  const { control, identity, url } = tenant;
  const { id } = await control.createUser({ name: "Jane" });
  expect(await control.history()).toMatchObject([{ event: "userChanged", userId: id, change: "created" }]);
  const resource = "https://graph.microsoft.com";
  const token = await fetch(`${identity.IDENTITY_ENDPOINT}?resource=${resource}&api-version=2019-08-01`, {
    headers: { "X-IDENTITY-HEADER": identity.IDENTITY_HEADER },
  });
  expect(token.status).toBe(200);
  await tenant.stop();
  await expect(fetch(url)).rejects.toThrow();
});
