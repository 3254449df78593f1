import { describe, expect, test } from "vitest";
import { type ExposedToken, watchExposure } from "../../../../tools/doctor/watch-exposure.ts";
import { at } from "../../../fixtures/principal-builders.ts";

const graph = { name: "Microsoft Graph", url: "https://graph.example/read" };
const tokenOf = (client: string, expiresAt = at(5400)): ExposedToken => ({
  client,
  token: `token of ${client}`,
  expiresAt,
});

/** Watches until `until` seconds; `answer` gets the seconds since the start and the token. */
function watch(
  answer: (seconds: number, token: string) => Response | Error,
  { tokens = [tokenOf("CAE client")], until = 7200 } = {},
) {
  let now = at(0);
  // Both clients wait side by side: time moves once all of them sleep.
  const sleepers: { readonly wake: () => void; readonly due: number }[] = [];
  const pairs = tokens.length;
  let running = pairs;
  const move = () => {
    if (sleepers.length < running) return;
    now = Math.min(...sleepers.map(({ due }) => due));
    for (const sleeper of sleepers.splice(0)) sleeper.wake();
  };
  return watchExposure({
    tokens,
    targets: [graph],
    every: 5000,
    until: at(until),
    progress: ({ firstRefusal, livedOut }) => {
      if (firstRefusal === null && !livedOut) return;
      running -= 1;
      queueMicrotask(move);
    },
    clock: {
      now: () => now,
      monotonic: () => now,
      sleep: (ms) =>
        new Promise((wake) => {
          sleepers.push({ wake, due: now + ms });
          queueMicrotask(move);
        }),
    },
    fetch: async (_, init) => {
      const token = new Headers(init.headers).get("authorization")?.replace("Bearer ", "") ?? "";
      const answered = answer((now - at(0)) / 1000, token);
      if (answered instanceof Error) throw answered;
      return answered;
    },
  });
}

const challenge = () =>
  new Response("{}", {
    status: 401,
    headers: { "www-authenticate": 'Bearer realm="", error="insufficient_claims", claims="e30="', "request-id": "r-1" },
  });

test("the last success and the first refusal of each client are shown, with the request id", async () => {
  const tokens = [tokenOf("CAE client"), tokenOf("other client")];
  const found = await watch(
    (seconds, token) => (seconds >= 62 && token.includes("CAE") ? challenge() : new Response("{}")),
    { tokens },
  );
  expect(found).toEqual([
    {
      client: "CAE client",
      target: "Microsoft Graph",
      lastSuccess: at(60),
      firstRefusal: { at: at(65), status: 401, code: "insufficient_claims", requestId: "r-1" },
      livedOut: false,
    },
    { client: "other client", target: "Microsoft Graph", lastSuccess: at(5395), firstRefusal: null, livedOut: true },
  ]);
});

test("a resource that looks the role up refuses with its own code", async () => {
  const denied = () =>
    new Response(JSON.stringify({ error: { code: "Authorization_RequestDenied" } }), { status: 403 });
  const [found] = await watch((seconds) => (seconds >= 30 ? denied() : new Response("{}")));
  expect(found).toMatchObject({
    lastSuccess: at(25),
    firstRefusal: { status: 403, code: "Authorization_RequestDenied" },
  });
});

describe("what says nothing about the token is no refusal", () => {
  test.each([
    ["throttling", () => new Response("{}", { status: 429 })],
    ["a failure of the service", () => new Response("{}", { status: 503 })],
    ["no answer", () => new Error("connection reset")],
  ])("%s", async (_, hiccup) => {
    const [found] = await watch((seconds) => (seconds === 10 ? hiccup() : new Response("{}")), { until: 30 });
    expect(found).toMatchObject({ lastSuccess: at(25), firstRefusal: null, livedOut: false });
  });
});
