import { createServer, type ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Receivers, startReceivers } from "../../../local/receivers/start-receivers.ts";
import { operationIdOf, wordAfter } from "../../../shared/notify/mail.ts";
import { connectMail } from "../../../shared/notify/mail-client.ts";

const facts = { name: "Jane", privilege: "User Administrator", endsAt: 0, toManager: false, helpUrl: null };
const mail = {
  ...wordAfter({ ...facts, end: "expired", cutAt: 1000 }),
  operationId: operationIdOf("jane", "a-key", "after"),
  to: ["jane@contoso.example"],
};
const sender = "DoNotReply@contoso.example";
const noCredential = {
  getToken: async () => {
    throw new Error("On this machine nobody is asked for a token.");
  },
};

let receivers: Receivers;
beforeAll(async () => {
  receivers = await startReceivers();
});
afterAll(() => receivers.close());

test("the mail package sends what a receiver on this machine takes, under the id of the mail", async () => {
  const send = connectMail({ endpoint: receivers.mailEndpoint, sender }, noCredential);
  expect(await send(mail)).toEqual({ kind: "taken" });
  expect(receivers.received).toHaveLength(1);
  expect(receivers.received[0]?.problems).toEqual([]);
  expect(JSON.parse(receivers.received[0]?.text ?? "")).toMatchObject({
    senderAddress: sender,
    recipients: { to: [{ address: "jane@contoso.example" }] },
  });
});

test("Azure is sent to as the app's identity, with a token for Azure Communication Services", async () => {
  const asked: unknown[] = [];
  const seen: (string | undefined)[] = [];
  const credential = {
    getToken: async (scopes: string | string[]) => {
      asked.push(scopes);
      return { token: "a-token", expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
  const httpClient = {
    sendRequest: async (request: { headers: { get(name: string): string | undefined } }) => {
      seen.push(request.headers.get("authorization"));
      throw Object.assign(new Error("Nobody is there."), { code: "ENOTFOUND" });
    },
  };
  const endpoint = "https://contoso.europe.communication.azure.com";
  const send = connectMail({ endpoint, sender }, credential, { httpClient });
  expect(await send(mail)).toEqual({ kind: "later", code: "ENOTFOUND", status: 0, retryAfter: null });
  expect(asked.flat()).toEqual(["https://communication.azure.com//.default"]);
  expect(seen).toEqual(["Bearer a-token"]);
});

describe("what a server answers", () => {
  const answers: ((response: ServerResponse) => void)[] = [];
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    request.resume();
    const answer = answers.shift();
    if (answer === undefined) response.destroy();
    else answer(response);
  });
  let endpoint = "";
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    endpoint = `http://127.0.0.1:${address === null || typeof address === "string" ? 0 : address.port}`;
  });
  afterAll(() => server.close());

  const status =
    (code: number, headers = {}) =>
    (response: ServerResponse) =>
      response.writeHead(code, { "content-type": "application/json", ...headers }).end("{}");

  test.each([
    ["400", status(400), { kind: "refused", status: 400 }],
    ["403", status(403), { kind: "refused", status: 403 }],
    ["429", status(429), { kind: "later", code: "HTTP_429", status: 429, retryAfter: null }],
    [
      "429 with a wait",
      status(429, { "retry-after": "60" }),
      { kind: "later", code: "HTTP_429", status: 429, retryAfter: 60_000 },
    ],
    ["500", status(500), { kind: "uncertain" }],
    ["a broken connection", (response: ServerResponse) => response.destroy(), { kind: "uncertain" }],
  ])("%s means what it says, and the package does not try again", async (_, answer, expected) => {
    asked = 0;
    answers.push((response) => void answer(response));
    expect(await connectMail({ endpoint, sender }, noCredential)(mail)).toEqual(expected);
    expect(asked).toBe(1);
  });

  test("a mail that was taken is taken, whatever becomes of the question after it", async () => {
    answers.push((response) => {
      const headers = { "content-type": "application/json", "operation-location": `${endpoint}/emails/operations/x` };
      response.writeHead(202, headers).end(JSON.stringify({ id: "x", status: "Running" }));
    }, status(500));
    expect(await connectMail({ endpoint, sender }, noCredential)(mail)).toEqual({ kind: "taken" });
  });

  test("nobody at the address is certainly not sent", async () => {
    const send = connectMail({ endpoint: "http://127.0.0.1:1", sender }, noCredential);
    expect(await send(mail)).toEqual({ kind: "later", code: "ECONNREFUSED", status: 0, retryAfter: null });
  });
});
