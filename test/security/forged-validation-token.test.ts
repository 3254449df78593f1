import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { createTokenValidator } from "../../shared/notifications/authenticate.ts";
import { collection, createReceiver, notificationOf } from "../fixtures/delivery.ts";
import { authority, createPublisher, ourApp } from "../fixtures/publisher.ts";
import { aSubscription, tenantId } from "../fixtures/subscriptions.ts";

const now = () => Date.UTC(2026, 0, 5, 9);
const seconds = Math.floor(now() / 1000);
const record = aSubscription({ applicationId: ourApp });
const elsewhere = "00000000-0000-4000-8000-00000000beef";

type Publisher = Awaited<ReturnType<typeof createPublisher>>;

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token with any header, signed by nobody or with a secret of the attacker's. */
function unsigned({ claimsOf }: Publisher, header: object, secret?: string): string {
  const text = `${part(header)}.${part(claimsOf("2.0"))}`;
  return `${text}.${secret === undefined ? "" : createHmac("sha256", secret).update(text).digest("base64url")}`;
}

const forgeries: readonly {
  readonly attack: string;
  readonly forge: (publisher: Publisher) => string | Promise<string>;
}[] = [
  { attack: "with alg none", forge: (publisher) => unsigned(publisher, { alg: "none", kid: "first" }) },
  {
    attack: "with a symmetric signature",
    forge: (publisher) => unsigned(publisher, { alg: "HS256", kid: "first" }, "x"),
  },
  { attack: "of another app", forge: ({ token }) => token({ azp: elsewhere }) },
  { attack: "of another app, in version 1.0", forge: ({ token }) => token({ appid: elsewhere }, { version: "1.0" }) },
  { attack: "that has expired", forge: ({ token }) => token({ exp: seconds - 61 }) },
  { attack: "that is not valid yet", forge: ({ token }) => token({ nbf: seconds + 3600 }) },
  { attack: "for a wrong audience", forge: ({ token }) => token({ aud: elsewhere }) },
  {
    attack: "of another tenant",
    forge: ({ token }) => token({ tid: elsewhere, iss: `${authority}/${elsewhere}/v2.0` }),
  },
  { attack: "of another issuer", forge: ({ token }) => token({ iss: `https://evil.example/${tenantId}/v2.0` }) },
  {
    attack: "with an unknown key id",
    forge: async ({ addKey, token }) => {
      await addKey("theirs", false);
      return token({}, { kid: "theirs" });
    },
  },
  {
    attack: "whose claims were changed",
    forge: async ({ token, claimsOf }) => {
      const [header, , signature] = (await token({ aud: elsewhere })).split(".");
      return `${header}.${part(claimsOf("2.0"))}.${signature}`;
    },
  },
  { attack: "that is none", forge: () => "a.b.c" },
  { attack: "that is empty", forge: () => "" },
];

test.each(forgeries)("a token $attack rejects the collection, and the answer does not say why", async ({ forge }) => {
  const publisher = await createPublisher(tenantId, now);
  const validateTokens = createTokenValidator({ authority, fetch: (url) => publisher.fetch(url), now, monotonic: now });
  const receiver = await createReceiver([record], { validateTokens });
  const good = await publisher.token();
  const validationTokens = [good, await forge(publisher)];
  expect(await receiver.notify(collection([notificationOf(record)], { validationTokens }))).toEqual({ status: 202 });
  expect(receiver.messages()).toEqual([]);
  expect(receiver.recorded).toMatchObject([{ name: "validationTokenBad" }]);
  // The same collection without the forgery is taken.
  await receiver.notify(collection([notificationOf(record)], { validationTokens: [good] }));
  expect(receiver.messages()).toHaveLength(1);
});

test("unknown key ids by the hundred make us fetch the keys once, and none is believed", async () => {
  const publisher = await createPublisher(tenantId, now);
  const validateTokens = createTokenValidator({ authority, fetch: (url) => publisher.fetch(url), now, monotonic: now });
  await publisher.addKey("theirs", false);
  const forged = await publisher.token({}, { kid: "theirs" });
  for (let n = 0; n < 100; n += 1) {
    // Right after a fetch a key id may be a new one: Graph would have to send it again.
    expect(await validateTokens([forged], { audience: ourApp, tenantId })).toBe(n === 0 ? "bad" : "unknown");
  }
  expect(publisher.fetched()).toBe(1);
});
