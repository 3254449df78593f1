import { expect, test, vi } from "vitest";
import { createTokenValidator } from "../../../shared/notifications/authenticate.ts";
import { authority, createPublisher, ourApp } from "../../fixtures/publisher.ts";
import { tenantId } from "../../fixtures/subscriptions.ts";

const now = () => Date.UTC(2026, 0, 5, 9);
const rules = { audience: ourApp, tenantId };

async function createWorld() {
  const publisher = await createPublisher(tenantId, now);
  let elapsed = 0;
  const fetch = (url: string | URL | Request) => publisher.fetch(url);
  const validate = createTokenValidator({ authority, fetch, now, monotonic: () => elapsed });
  const pass = (ms: number) => {
    elapsed += ms;
  };
  return { publisher, pass, check: (...tokens: string[]) => validate(tokens, rules) };
}

test.each(["1.0", "2.0"] as const)("one of version %s is good, by its own issuer and claim", async (version) => {
  const { publisher, check } = await createWorld();
  expect(await check(await publisher.token({}, { version }))).toBe("good");
});

test("several are good when all are", async () => {
  const { publisher, check } = await createWorld();
  const good = await publisher.token();
  expect(await check(good, good)).toBe("good");
  expect(await check(good, `${good}x`)).toBe("bad");
});

test("the keys are fetched once and kept, and again when one was rotated in", async () => {
  const { publisher, check } = await createWorld();
  for (let n = 0; n < 3; n += 1) await check(await publisher.token());
  expect(publisher.fetched()).toBe(1);
  await publisher.addKey("second");
  const rotated = await publisher.token({}, { kid: "second" });
  const later = Date.now() + 30_001;
  vi.spyOn(Date, "now").mockReturnValue(later);
  expect(await check(rotated)).toBe("good");
  expect(publisher.fetched()).toBe(2);
  vi.restoreAllMocks();
});

test("while the keys cannot be had nothing is known of a token, and they are asked for once in five seconds", async () => {
  const { publisher, check, pass } = await createWorld();
  publisher.goAway();
  for (let n = 0; n < 10; n += 1) expect(await check(await publisher.token())).toBe("unknown");
  expect(publisher.fetched()).toBe(1);
  pass(5000);
  expect(await check(await publisher.token())).toBe("unknown");
  expect(publisher.fetched()).toBe(2);
});

test.each([
  { claim: "an issuer of the other version", over: { iss: `https://sts.windows.net/${tenantId}/` } },
  { claim: "no version", over: { ver: undefined } },
  { claim: "an unknown version", over: { ver: "3.0" } },
  {
    claim: "the publisher in the claim of the other version",
    over: { azp: undefined, appid: "0bf30f3b-4a52-48df-9a82-234910c4a086" },
  },
  { claim: "no expiry", over: { exp: undefined } },
  { claim: "no tenant", over: { tid: undefined } },
])("$claim is bad", async ({ over }) => {
  const { publisher, check } = await createWorld();
  expect(await check(await publisher.token(over))).toBe("bad");
});
