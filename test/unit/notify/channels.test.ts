import { describe, expect, test } from "vitest";
import { GraphRetryableError } from "../../../shared/graph/errors.ts";
import type { Closed, Outcome } from "../../../shared/model/pending-revocation.ts";
import type { Delivery } from "../../../shared/notify/channel.ts";
import { deliverNotice } from "../../../shared/notify/deliver.ts";
import { createAlarmNotices } from "../../../shared/notify/news.ts";
import { noticeMessage } from "../../../shared/notify/notice.ts";
import { createWakeUps } from "../../../shared/notify/send.ts";
import { countUndelivered, resendNotices } from "../../../shared/notify/undelivered.ts";
import type { MailChannelSettings, WebhookSettings } from "../../../shared/settings/settings.ts";
import { createFakeWorld, jane, start } from "../../fixtures/fake-world.ts";
import { createMemoryQueue } from "../../fixtures/memory-storage.ts";
import { type AChannel, createNotifyWorld } from "../../fixtures/notify-world.ts";
import { aRevocation, aState, at } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const taken: Delivery = { status: 200, delivered: true, retryAfter: null };
const failed: Delivery = { status: 503, delivered: false, retryAfter: null };
const teams: Partial<WebhookSettings> = { number: 1, format: "teams", secrets: [] };
const slack: Partial<WebhookSettings> = { number: 2, format: "slack", secrets: [] };

const mail: MailChannelSettings = {
  number: 6,
  format: "mail",
  to: ["soc@contoso.example", "ada@contoso.example"],
  mail: { endpoint: "https://contoso.europe.communication.azure.com", sender: "DoNotReply@contoso.example" },
  filter: new Set(["outcomes"]),
};

const closedAs = (outcome: Outcome, closedAt = at(4)): Closed => ({
  state: "closed",
  outcome,
  closedAt,
  acceptedAt: closedAt,
  verified: true,
  detail: null,
});

/** Jane with so many ends, each with its outcome. */
async function create(
  channels: readonly AChannel[],
  ends: Readonly<Record<string, Closed>>,
  answers: readonly Delivery[] = [taken],
  over: Parameters<typeof createNotifyWorld>[2] = {},
) {
  const world = createNotifyWorld(channels, answers, over);
  const revocations = Object.entries(ends).map(([key, progress]) => aRevocation({ key, progress }));
  await storePrincipal(world.principals, aState({ revocations }));
  const send = (key: string) => deliverNotice(noticeMessage({ principalId: jane, key, tries: 0 }), world.dependencies);
  return { ...world, send };
}

const many = (count: number, closedAt?: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`end-${n}`, closedAs("revoked", closedAt)]));

describe("an outcome", () => {
  test("goes to each channel whose filter lets it pass, in that channel's format", async () => {
    const { send, play, got } = await create(
      [teams, slack, { number: 3 }, { number: 4 }, { number: 5, filter: new Set(["alarms"]) }],
      { a: closedAs("revoked") },
    );
    await send("a");
    await play();
    const kinds = got.map(({ channel, body }) => [channel, Object.keys(JSON.parse(body))[0]]);
    expect(kinds.toSorted()).toEqual([
      [1, "type"],
      [2, "text"],
      [3, "type"],
      [4, "type"],
    ]);
    expect(got.find(({ channel }) => channel === 1)?.body).toContain("Jane Doe");
    expect(got.find(({ channel }) => channel === 3)?.body).not.toContain("Jane Doe");
  });

  test("is sent without names when Graph does not give them", async () => {
    const throws = async () => {
      throw new GraphRetryableError("Down.", { code: "timeout", reason: "unavailable" });
    };
    const directory = { readDisplayNames: throws, roleNames: throws };
    const { send, play, got } = await create([teams], { a: closedAs("revoked") }, [taken], { directory });
    await send("a");
    await play();
    expect(got).toHaveLength(1);
    expect(got[0]?.body).toContain(jane);
  });

  test("is sent without names when the settings want none", async () => {
    const { send, play, got } = await create([slack], { a: closedAs("revoked") }, [taken], { showNames: false });
    await send("a");
    await play();
    expect(got[0]?.body).not.toContain("Jane Doe");
    expect(got[0]?.body).toContain("User Administrator");
  });

  const readReason = async () => ({ justification: "Mend the sign-in", ticket: "INC0012345" });

  test("says why it was activated, to people and not to systems, where the settings want it", async () => {
    const { send, play, got, state, notices } = await create(
      [teams, slack, mail, { number: 3 }],
      { a: closedAs("revoked") },
      [taken],
      { readReason },
    );
    await send("a");
    const seen = JSON.stringify([notices.peekAll(), await state.list("gathered")]);
    expect(seen).not.toContain("Mend");
    await play();
    const withReason = got.filter(({ body }) => body.includes("Mend the sign-in") && body.includes("INC0012345"));
    expect(withReason.map(({ channel }) => channel).toSorted()).toEqual([1, 2, 6]);
    expect(JSON.stringify(await state.list("gathered"))).not.toContain("Mend");
  });

  test("says nothing of it in a digest: no question is asked for many ends", async () => {
    const asked: string[] = [];
    const counting = (key: string) => {
      asked.push(key);
      return readReason();
    };
    const { send, play, got } = await create([teams], many(3), [taken], {
      readReason: (_, { key }) => counting(key),
    });
    for (const n of [0, 1, 2]) await send(`end-${n}`);
    await play();
    expect(got).toHaveLength(1);
    expect(asked).toEqual([]);
  });

  test("leaves no reason where it waits or is parked", async () => {
    const { send, play, state } = await create([teams], { a: closedAs("revoked") }, [{ ...failed, status: 404 }], {
      readReason,
    });
    await send("a");
    await play();
    const parked = JSON.stringify(await state.list("undelivered"));
    expect(parked).toContain(jane);
    expect(parked).not.toMatch(/Mend|INC/);
  });

  test("no message or parked row of a channel holds a name", async () => {
    const { send, notices, state, got } = await create([teams], { a: closedAs("revoked") }, [failed]);
    await send("a");
    const seen = JSON.stringify(notices.peekAll());
    expect(seen).not.toContain("Jane");
    expect(JSON.stringify(await state.list("gathered"))).not.toContain("Jane");
    expect(got).toEqual([]);
  });
});

describe("a channel of mails", () => {
  test("gets an outcome by name, at all of its addresses, in text and HTML", async () => {
    const { send, play, got } = await create([mail], { a: closedAs("revoked") });
    await send("a");
    await play();
    expect(got.map(({ channel, mail }) => [channel, mail?.to])).toEqual([
      [6, ["soc@contoso.example", "ada@contoso.example"]],
    ]);
    const { subject, text = "", html } = got[0]?.mail ?? {};
    expect(subject).toBe("[pim-cutoff] Sign-in sessions revoked");
    expect(text.split("\n").map((line) => line.split(":")[0])).toEqual([
      "Who",
      "Privilege",
      "Ended",
      "Done",
      "Not cut",
      "Open the user in Entra",
    ]);
    expect(text).toContain(`Who: Jane Doe (${jane})`);
    expect(html).toContain(`<p><strong>Who:</strong> Jane Doe (${jane})</p>`);
  });

  test("gets many ends as one digest", async () => {
    const { send, play, got } = await create([mail], many(30));
    for (let n = 0; n < 30; n += 1) await send(`end-${n}`);
    await play();
    expect(got).toHaveLength(1);
    expect(got[0]?.mail?.subject).toBe("[pim-cutoff] 30 privileges ended within a minute");
    expect(got[0]?.mail?.html.match(/<li>/g)).toHaveLength(16);
  });

  test.each([
    ["attention", "failed", 1],
    ["attention", "revoked", 0],
    ["alarms", "failed", 0],
  ] as const)("with the filter %s gets of an outcome %s: %i", async (word, outcome, count) => {
    const { send, play, got } = await create([{ ...mail, filter: new Set([word]) }], { a: closedAs(outcome) });
    await send("a");
    await play();
    expect(got).toHaveLength(count);
  });

  test("gets alarms, marked in the subject", async () => {
    const { dependencies, play, got } = await create([{ ...mail, filter: new Set(["alarms"]) }], {});
    await deliverNotice(noticeMessage({ alarm: "auditGap", principalId: null, at: start, tries: 0 }), dependencies);
    await play();
    expect(got.map(({ mail }) => mail?.subject)).toEqual(["[pim-cutoff] Attention: pim-cutoff needs a person"]);
  });

  test("is sent again what was perhaps sent, as an operation of its own; not what was refused", async () => {
    const perhaps: Delivery = { ...failed, status: 0 };
    const { send, play, got } = await create([mail], { a: closedAs("revoked") }, [perhaps, failed, taken]);
    await send("a");
    await play();
    expect(got).toHaveLength(3);
    expect(new Set(got.map(({ body }) => body)).size).toBe(1);
    expect(new Set(got.map(({ mail }) => mail?.operationId)).size).toBe(3);
    const refused = await create([mail], { a: closedAs("revoked") }, [{ ...failed, status: 403 }]);
    await refused.send("a");
    await refused.play();
    expect(refused.got).toHaveLength(1);
    expect(refused.recorded.at(-1)).toMatchObject({
      name: "noticeParked",
      properties: { channel: 6, code: "HTTP_403" },
    });
  });

  test("waits as long as Azure asks", async () => {
    const asked: Delivery = { status: 429, delivered: false, retryAfter: 3_600_000 };
    const { send, play, got } = await create([mail], { a: closedAs("revoked") }, [asked, taken]);
    await send("a");
    await play();
    expect((got[1]?.at ?? 0) - (got[0]?.at ?? 0)).toBe(3_600_000);
  });

  test("leaves no name and no address in any queue or table", async () => {
    const { send, notices, state } = await create([mail], { a: closedAs("revoked") }, [failed]);
    await send("a");
    const seen = JSON.stringify([notices.peekAll(), await state.list("gathered")]);
    expect(seen).not.toMatch(/Jane|contoso/);
  });
});

describe("people", () => {
  test("get one message for many ends in one minute", async () => {
    const { send, play, got, state, notices } = await create([teams], many(30));
    for (let n = 0; n < 30; n += 1) await send(`end-${n}`);
    // One message brings them all about.
    expect(notices.peekAll()).toHaveLength(1);
    await play();
    expect(got).toHaveLength(1);
    expect(got[0]?.body).toContain("30 privileges ended within a minute");
    expect((await state.list("gathered")).value).toEqual([]);
  });

  test("get what comes after the first message once the minute is over", async () => {
    const { send, got, goTo, clock, notices, dependencies, play } = await create([slack], many(5));
    await send("end-0");
    goTo(clock.now() + 3000);
    const [first] = notices.receive(1, 60_000);
    await deliverNotice(first?.content, dependencies);
    for (const n of [1, 2, 3, 4]) await send(`end-${n}`);
    await play();
    expect(got).toHaveLength(2);
    expect(got[1]?.body).toContain("4 privileges ended within a minute");
    expect((got[1]?.at ?? 0) - (got[0]?.at ?? 0)).toBe(60_000);
  });

  test("are not said twice of an outcome of which two notices came", async () => {
    const { send, play, got } = await create([teams], { a: closedAs("revoked") });
    await send("a");
    await send("a");
    await play();
    await send("a");
    expect(got).toHaveLength(1);
  });

  test("get one message although two instances send at the same time", async () => {
    const { send, notices, dependencies, got, goTo, clock } = await create([teams], many(2));
    await send("end-0");
    const elsewhere = { ...dependencies, wakeUps: createWakeUps(clock) };
    await deliverNotice(noticeMessage({ principalId: jane, key: "end-1", tries: 0 }), elsewhere);
    goTo(start + 3000);
    const messages = notices.receive(2, 60_000);
    await Promise.all(messages.map(({ content }) => deliverNotice(content, dependencies)));
    expect(got).toHaveLength(1);
  });

  test("get it later when their channel fails, and what it never takes is parked by itself", async () => {
    const { send, play, got, state, notices, recordedNames } = await create([teams], many(3), [failed]);
    for (const n of [0, 1, 2]) await send(`end-${n}`);
    await play();
    expect(got).toHaveLength(10);
    expect(await countUndelivered(state)).toEqual({ notices: 3, unreadable: 0 });
    expect(recordedNames().filter((name) => name === "noticeParked")).toHaveLength(3);
    await resendNotices(state, notices);
    await play();
    expect(got[10]?.body).toContain("3 privileges ended within a minute");
  });
});

test("a message whose channel has no room comes again, and that is no try", async () => {
  const full = { run: async () => null };
  const { send, notices, got } = await create([{ number: 3 }], { a: closedAs("revoked") }, [taken], { lanes: full });
  await send("a");
  expect(got).toEqual([]);
  expect(notices.peekAll().map(({ content, visibleAt }) => [content, visibleAt - start])).toEqual([
    [noticeMessage({ principalId: jane, key: "a", channel: 3, tries: 0 }), 15_000],
  ]);
});

describe("an alarm", () => {
  const wanting: Partial<WebhookSettings> = { ...slack, filter: new Set(["alarms"]) };

  test("goes to the channels that want alarms, once an hour however often it is raised", async () => {
    const { clock } = createFakeWorld();
    const queue = createMemoryQueue({ now: clock.now });
    const world = await create([wanting, { number: 3 }, { number: 4, filter: new Set(["attention"]) }], {});
    const { telemetry, flush } = createAlarmNotices(world.dependencies.telemetry, queue, clock);
    for (const _ of [1, 2, 3]) telemetry.alarm("revokeRefused", { principalId: jane, message: "a text" });
    await flush();
    expect(queue.peekAll()).toHaveLength(1);
    const [{ content } = { content: null }] = queue.peekAll();
    expect(JSON.stringify(content)).not.toContain("a text");
    await deliverNotice(content, world.dependencies);
    await deliverNotice(content, world.dependencies);
    await world.play();
    expect(world.got.map(({ channel }) => channel)).toEqual([2, 4]);
    expect(world.got[0]?.body).toContain("revokeRefused");
    expect(JSON.parse(world.got[1]?.body ?? "")).toMatchObject({ type: "alarm.revokeRefused" });
    expect(world.recorded.filter(({ name }) => name === "revokeRefused")).toHaveLength(3);
  });

  test("that nobody takes is dropped and not parked: it is in the log", async () => {
    const { dependencies, play, state, got, recordedNames } = await create([wanting], {}, [{ ...failed, status: 404 }]);
    const notice = noticeMessage({ alarm: "auditGap", principalId: null, at: start, tries: 0 });
    await deliverNotice(notice, dependencies);
    await play();
    expect(got).toHaveLength(1);
    expect(recordedNames()).toEqual(["noticeDropped"]);
    expect(await countUndelivered(state)).toEqual({ notices: 0, unreadable: 0 });
  });
});

test("a message for a channel that the settings no longer have is dropped", async () => {
  const { dependencies, play, state, send } = await create([teams], { a: closedAs("revoked") });
  await send("a");
  const without = { ...dependencies, channels: [] };
  await deliverNotice(noticeMessage({ principalId: jane, key: "a", channel: 1, tries: 0 }), without);
  await deliverNotice(noticeMessage({ minute: start, channel: 1, tries: 0 }), without);
  expect((await state.list("gathered")).value).toEqual([]);
  await play();
});
