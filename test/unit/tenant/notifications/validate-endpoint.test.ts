import { expect, test } from "vitest";
import { subscribedTenant } from "./subscribed.ts";

test.each([
  ["an endpoint that refuses", { status: 401 }],
  ["one that queues", { status: 202 }],
  ["HTML", { contentType: "text/html" }],
  ["JSON around the token", { around: '"' }],
  ["a token that is still encoded", { encode: true }],
])(
  "%s fails the handshake",
  async (_name, fault: { status?: number; contentType?: string; around?: string; encode?: boolean }) => {
    const { subscribe, endpoint } = await subscribedTenant();
    const { status = 200, contentType = "text/plain", around = "", encode = false } = fault;
    endpoint.echoWith((token) => ({
      status,
      contentType,
      text: `${around}${encode ? encodeURIComponent(token) : token}${around}`,
    }));
    const refused = await subscribe();
    expect(refused.status).toBe(400);
    expect(refused.body.error).toMatchObject({ code: "ValidationError" });
  },
);

test("silence times out, and a closed port is no better", async () => {
  const { subscribe, control, endpoint } = await subscribedTenant();
  await control.changeSettings({ notifications: { validationMs: 50 } });
  endpoint.echoWith("never");
  const silent = await subscribe();
  expect(silent.status).toBe(400);
  expect(silent.body.error).toMatchObject({ message: "Subscription validation request timed out." });
  await endpoint.close();
  expect((await subscribe()).status).toBe(400);
  const outcomes = (await control.history()).flatMap((one) => (one.event === "endpointValidated" ? [one.outcome] : []));
  expect(outcomes).toEqual(["timeout", "unreachable"]);
});

test("keeps the query of the URL and asks the lifecycle URL as well", async () => {
  const { subscribe, endpoint } = await subscribedTenant();
  const asked: string[] = [];
  endpoint.echoWith((token) => {
    asked.push(token);
    return { status: 200, contentType: "text/plain; charset=utf-8", text: token };
  });
  expect((await subscribe({ notificationUrl: `${endpoint.url}?code=key` })).status).toBe(201);
  expect(asked.length).toBe(2);
  expect(new Set(asked).size).toBe(2);
});
