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

test("without a channel nobody is to be told", async () => {
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
