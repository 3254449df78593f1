import { createRemoteJWKSet, jwtVerify } from "jose";
import { expect, test } from "vitest";
import { z } from "zod";
import { subscribedTenant } from "./subscribed.ts";

const withTokens = z.object({ validationTokens: z.array(z.string()).length(1) });
const publisher = "0bf30f3b-4a52-48df-9a82-234910c4a086";

async function createWorld(version: "none" | "v1" | "v2") {
  const world = await subscribedTenant();
  const { control, subscribed, pass, group, jane, seen, endpoint } = world;
  await control.changeSettings({ notifications: { validationTokens: version } });
  await subscribed();
  let delivered = 0;
  /** The body that the endpoint gets for a change. */
  const notify = async (change: () => Promise<unknown> = () => control.removeMember(group, jane)): Promise<unknown> => {
    await change();
    await pass(2000);
    delivered += 1;
    await seen("notificationDelivered", delivered);
    return JSON.parse(endpoint.received.at(-1)?.text ?? "");
  };
  const keySet = createRemoteJWKSet(new URL(`${world.tenant.url}/common/discovery/v2.0/keys`), { cooldownDuration: 0 });
  const [app] = await control.subscriptions();
  const verify = async (body: unknown) => {
    const currentDate = new Date((await control.clock()).now);
    const [token = ""] = withTokens.parse(body).validationTokens;
    const rules = { audience: app?.applicationId ?? "", currentDate, algorithms: ["RS256"] };
    return (await jwtVerify(token, keySet, rules)).payload;
  };
  return { ...world, notify, verify };
}

test("a basic notification brings no token", async () => {
  const { notify } = await createWorld("none");
  expect(await notify()).not.toHaveProperty("validationTokens");
});

test("version 1.0 names the publisher in appid, 2.0 in azp, each with its issuer", async () => {
  const first = await createWorld("v1");
  expect(await first.verify(await first.notify())).toMatchObject({
    ver: "1.0",
    appid: publisher,
    tid: first.tenant.tenantId,
    iss: `https://sts.windows.net/${first.tenant.tenantId}/`,
  });
  const second = await createWorld("v2");
  expect(await second.verify(await second.notify())).toMatchObject({
    ver: "2.0",
    azp: publisher,
    iss: `${second.tenant.url}/${second.tenant.tenantId}/v2.0`,
  });
});

test("after a rotation new tokens are signed with a new key, and old ones can still be verified", async () => {
  const { notify, verify, control, group, jane } = await createWorld("v2");
  const before = await notify();
  await control.rotatePublisherKeys();
  const after = await notify(() => control.addMember(group, jane));
  await verify(after);
  await verify(before);
  await control.rotatePublisherKeys();
  const keyId = ([token = ""]: string[]) => Buffer.from(token.split(".")[0] ?? "", "base64url").toString();
  expect(keyId(withTokens.parse(before).validationTokens)).not.toBe(keyId(withTokens.parse(after).validationTokens));
});

test("a lifecycle notification brings none", async () => {
  const { notify, control } = await createWorld("v2");
  const [subscription] = await control.subscriptions();
  expect(await notify(() => control.sendLifecycle(subscription?.id ?? "", "missed"))).not.toHaveProperty(
    "validationTokens",
  );
});
