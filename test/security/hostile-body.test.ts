import { HttpRequest } from "@azure/functions";
import { describe, expect, test } from "vitest";
import { registerOperations } from "../../functions/operations.ts";
import { mostBytes, mostItems } from "../../shared/notifications/read-delivery.ts";
import { collection, createReceiver, notificationOf, post } from "../fixtures/delivery.ts";
import { anOperator } from "../fixtures/operators.ts";
import { aSubscription } from "../fixtures/subscriptions.ts";
import { declared, fakeApp, fakeHost, invocation } from "../unit/functions/fakes.ts";

/** Milliseconds: a tenth of Graph's deadline. */
const soon = 300;

async function attack(request: ReturnType<typeof post>) {
  const receiver = await createReceiver();
  const startedAt = performance.now();
  const answer = await receiver.notify(request);
  return { answer, messages: receiver.messages(), milliseconds: performance.now() - startedAt };
}

describe("is refused soon, and leads to nothing", () => {
  test.each([
    { name: "a body of 10 MB", request: () => post("x".repeat(10_000_000)), status: 413 },
    {
      name: "a body of 10 MB that does not say so",
      request: () => post(`"${"x".repeat(10_000_000)}"`, { contentLength: null }),
      status: 413,
    },
    {
      name: "a body of 10 MB that says it is small",
      request: () => post(`"${"x".repeat(10_000_000)}"`, { contentLength: 2 }),
      status: 413,
    },
    { name: "100,000 items", request: () => collection(Array.from({ length: 100_000 }, () => 0)), status: 400 },
    { name: "an object nested 100,000 deep", request: () => post('{"value":'.repeat(100_000)), status: 400 },
    {
      name: "an array nested 250,000 deep",
      request: () => post("[".repeat(250_000) + "]".repeat(250_000)),
      status: 400,
    },
    { name: "no JSON", request: () => post("<notification/>"), status: 400 },
    { name: "half a JSON", request: () => post('{"value":['), status: 400 },
    { name: "nothing", request: () => post(""), status: 400 },
    { name: "null", request: () => post("null"), status: 400 },
    { name: "no collection", request: () => post('{"value":{"0":{}}}'), status: 400 },
    { name: "too many tokens", request: () => collection([], { validationTokens: Array(21).fill("a") }), status: 400 },
    {
      name: "a form",
      request: () => post("value=1", { contentType: "application/x-www-form-urlencoded" }),
      status: 415,
    },
    { name: "no content type", request: () => post("{}", { contentType: null }), status: 415 },
    {
      name: "a type that only begins like JSON",
      request: () => post("{}", { contentType: "application/jsonp" }),
      status: 415,
    },
  ])("$name: $status", async ({ request, status }) => {
    const { answer, messages, milliseconds } = await attack(request());
    expect(answer).toEqual({ status });
    expect(messages).toEqual([]);
    expect(milliseconds).toBeLessThan(soon);
  });
});

test("a deeply nested item is one that cannot be read, beside one that can", async () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const good = JSON.stringify(notificationOf(aSubscription()));
  const nested = `{"subscriptionId":${deep}}`;
  const { answer, messages } = await attack(post(`{"value":[${deep},${nested},${good}]}`));
  expect(answer).toEqual({ status: 202 });
  expect(messages).toHaveLength(1);
});

test("an authentic item that carries something deeply nested is still one", async () => {
  const item = JSON.stringify(notificationOf(aSubscription())).slice(0, -1);
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const { answer, messages } = await attack(post(`{"value":[${item},"extra":${deep}}]}`));
  expect(answer).toEqual({ status: 202 });
  expect(messages).toHaveLength(1);
});

test("as many items as are allowed, all forged, cost little", async () => {
  const { clientState, subscriptionId, tenantId } = notificationOf(aSubscription(), { clientState: "forged" });
  const items = Array.from({ length: mostItems }, () => ({ clientState, subscriptionId, tenantId }));
  const before = process.cpuUsage();
  const { answer, messages } = await attack(collection(items));
  const { user, system } = process.cpuUsage(before);
  expect(answer).toEqual({ status: 202 });
  expect(messages).toEqual([]);
  // Time of the processor, since others may have it meanwhile.
  expect((user + system) / 1000).toBeLessThan(soon);
});

describe("an order is bound by the same limit, also of an operator:", () => {
  const order = (body: string, contentLength: string) => {
    const { host, http } = fakeHost();
    const authorize = async () => ({ allowed: true, operator: anOperator }) as const;
    registerOperations(host, fakeApp({ authorize }));
    const headers = { "content-type": "application/json", "content-length": contentLength };
    const url = "http://localhost/api/operations/stop";
    const request = new HttpRequest({
      method: "POST",
      url,
      params: { action: "stop" },
      headers,
      body: { string: body },
    });
    return declared(http, "operations").handler(request, invocation());
  };
  const tooLarge = {
    status: 413,
    jsonBody: { error: "BODY_TOO_LARGE", problems: [expect.stringContaining("reason")] },
  };

  test("a body of more than 1 MB, whatever it says of its length", async () => {
    const body = JSON.stringify({ reason: "x".repeat(mostBytes) });
    expect(await order(body, String(body.length))).toMatchObject(tooLarge);
    expect(await order(body, "2")).toMatchObject(tooLarge);
  });

  test("a body that says that it has more is not read", async () => {
    expect(await order('{"reason":"a drill"}', "10000000")).toMatchObject(tooLarge);
  });
});
