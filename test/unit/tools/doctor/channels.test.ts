import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Receivers, startReceivers } from "../../../../local/receivers/start-receivers.ts";
import { parkNotice, stopChannel } from "../../../../shared/notify/undelivered.ts";
import { silentTelemetry } from "../../../../shared/telemetry/telemetry.ts";
import { checkChannels, sendTests } from "../../../../tools/doctor/checks/channels.ts";
import type { Patient } from "../../../../tools/doctor/patient.ts";
import { jane, start } from "../../../fixtures/fake-world.ts";
import { createMemoryTable } from "../../../fixtures/memory-storage.ts";
import { settingsOf } from "../../settings/reading.ts";

let receivers: Receivers;
beforeAll(async () => {
  receivers = await startReceivers();
});
afterAll(() => receivers.close());

function patient(raw: Readonly<Record<string, string>>) {
  const state = createMemoryTable({ now: () => start });
  const clock = { now: () => start, monotonic: () => 0, sleep: async () => undefined };
  const credential = { getToken: async () => null };
  const seen: Pick<Patient, "settings" | "clock" | "state" | "credential"> = {
    settings: settingsOf(raw),
    clock,
    state,
    credential,
  };
  return seen;
}
const channels = () => ({
  NOTIFY_1_FORMAT: "teams",
  NOTIFY_1_URL: receivers.teamsUrl,
  NOTIFY_2_FORMAT: "slack",
  NOTIFY_2_URL: receivers.slackUrl,
});

test("without a channel there is no receiver", async () => {
  expect(await checkChannels(patient({}))).toMatchObject([{ state: "good" }]);
});

test("channels whose servers answer are well, and nothing was sent to them", async () => {
  const before = receivers.received.length;
  const findings = await checkChannels(patient(channels()));
  expect(findings.map(({ state }) => state)).toEqual(["good", "good"]);
  expect(receivers.received).toHaveLength(before);
});

/** Nobody listens there any more. */
async function deserted(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${address === null || typeof address === "string" ? 0 : address.port}`;
}

test("what does not answer, is stopped or did not take outcomes is named by its number, never by its URL", async () => {
  const one = patient({ NOTIFY_3_FORMAT: "teams", NOTIFY_3_URL: `${await deserted()}/hidden` });
  await stopChannel(one.state, 3, "a mark");
  const notice = { principalId: jane, key: "a-key", channel: 3, tries: 0 };
  await parkNotice(notice, "HTTP_410", { state: one.state, telemetry: silentTelemetry });
  const findings = await checkChannels(one);
  expect(findings.map(({ state, what }) => [state, what])).toEqual([
    ["bad", "The server of channel 3 (teams) does not answer from here (ECONNREFUSED)."],
    ["bad", "The receiver of channel 3 answered 410: nothing is sent to it."],
    ["warning", "1 outcome is parked, since a channel did not take it."],
  ]);
  expect(JSON.stringify(findings)).not.toContain("hidden");
});

test("a test message that real receivers take is sent to each channel on request", async () => {
  const before = receivers.received.length;
  const findings = await sendTests(patient(channels()));
  expect(findings.map(({ what }) => what)).toEqual([
    "channel 1 (teams) took a test message (202)",
    "channel 2 (slack) took a test message (200)",
  ]);
  expect(receivers.received.slice(before).map(({ problems }) => problems)).toEqual([[], []]);
});

const mails = (endpoint: string) => ({
  NOTIFY_5_FORMAT: "mail",
  NOTIFY_5_TO: "hidden@contoso.example",
  NOTIFY_MAIL_ENDPOINT: endpoint,
  NOTIFY_MAIL_SENDER: "DoNotReply@contoso.example",
});

test("a channel of mails is checked and sent a test like every other", async () => {
  const before = receivers.received.length;
  const one = patient(mails(receivers.mailEndpoint));
  expect((await checkChannels(one)).map(({ state, what }) => [state, what])).toEqual([
    ["good", "the server of channel 5 (mail) answers; whether it takes messages: npm run doctor -- --send-test"],
    ["good", "mails go to a receiver on this machine"],
  ]);
  expect(receivers.received).toHaveLength(before);
  const findings = await sendTests(one);
  expect(findings.map(({ what }) => what)).toEqual(["channel 5 (mail) took a test message (202)"]);
  expect(receivers.received.slice(before)).toMatchObject([{ to: "mail", problems: [] }]);
});

test.each([
  [403, "The identity has no role on the resource"],
  [404, "The domain of NOTIFY_MAIL_SENDER is not linked"],
])("mails that Azure refuses with %i are bad, with the usual cause and without the address", async (status, cause) => {
  const server = createServer((_, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address === null || typeof address === "string" ? 0 : address.port;
  const findings = await sendTests(patient(mails(`http://127.0.0.1:${port}`)));
  expect(findings).toMatchObject([{ state: "bad", what: `channel 5 (mail) did not take a test message (${status}).` }]);
  expect(findings[0]?.fix).toContain(cause);
  expect(findings[0]?.fix).toContain("Check NOTIFY_MAIL_ENDPOINT, NOTIFY_MAIL_SENDER and NOTIFY_5_TO");
  expect(JSON.stringify(findings)).not.toContain("hidden");
  server.close();
});

test("a mail without a token is named, whether a person or a channel would get it", async () => {
  const { NOTIFY_5_FORMAT: _, NOTIFY_5_TO: __, ...resource } = mails("https://127.0.0.1:1");
  for (const raw of [mails("https://127.0.0.1:1"), { ...resource, NOTIFY_PERSON: "after" }]) {
    const one = { ...patient(raw), credential: { getToken: () => Promise.reject(new Error("hidden")) } };
    expect(await checkChannels(one)).toContainEqual(
      expect.objectContaining({ state: "bad", what: "No token for Azure Communication Services (Error)." }),
    );
  }
});

test("a channel that refuses the test message is bad, with the usual cause", async () => {
  const server = createServer((_, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address === null || typeof address === "string" ? 0 : address.port;
  const url = `http://127.0.0.1:${port}/hidden`;
  const findings = await sendTests(patient({ NOTIFY_4_FORMAT: "slack", NOTIFY_4_URL: url }));
  expect(findings).toMatchObject([{ state: "bad", what: "channel 4 (slack) did not take a test message (404)." }]);
  expect(findings[0]?.fix).toContain("was deleted. Check NOTIFY_4_URL");
  expect(JSON.stringify(findings)).not.toContain("hidden");
  server.close();
});
