import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import type { Progress } from "../../../shared/model/pending-revocation.ts";
import type { Delivery } from "../../../shared/notify/channel.ts";
import { deliverNotice } from "../../../shared/notify/deliver.ts";
import type { OutgoingMessage } from "../../../shared/notify/formats.ts";
import { NoticeError, noticeMessage } from "../../../shared/notify/notice.ts";
import {
  countUndelivered,
  parkPoison,
  resendNotices,
  stopChannel,
  stoppedChannels,
} from "../../../shared/notify/undelivered.ts";
import type { WebhookSettings } from "../../../shared/settings/settings.ts";
import { jane, start } from "../../fixtures/fake-world.ts";
import { createNotifyWorld } from "../../fixtures/notify-world.ts";
import { aRevocation, aState, at, janesKey } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const secret = Buffer.alloc(32, 7);
const closed: Progress = {
  state: "closed",
  outcome: "revoked",
  closedAt: at(64),
  acceptedAt: at(62),
  verified: true,
  detail: null,
};
const taken: Delivery = { status: 204, delivered: true, retryAfter: null };
const refused: Delivery = { status: 500, delivered: false, retryAfter: null };

/** Receivers that answer in turn, the last answer for ever; and Jane, whose end has its outcome unless `progress` says otherwise. */
async function create(answers: readonly Delivery[], progress = closed, over: Partial<WebhookSettings> = {}) {
  const world = createNotifyWorld([{ number: 0, format: "standard", secrets: [secret], ...over }], answers);
  await storePrincipal(world.principals, aState({ revocations: [aRevocation({ progress })] }));
  const deliver = (tries = 0, key = janesKey) =>
    deliverNotice(noticeMessage({ principalId: jane, key, tries }), world.dependencies);
  return { ...world, deliver };
}

function firstOf(got: readonly OutgoingMessage[]): OutgoingMessage {
  const [first] = got;
  if (first === undefined) throw new Error("Nothing was sent.");
  return first;
}

describe("a delivery", () => {
  test("is signed as Standard Webhooks says, by another implementation's reading of it", async () => {
    const { deliver, got, recordedNames } = await create([taken]);
    await deliver();
    const { headers, body } = firstOf(got);
    const webhook = new Webhook(secret.toString("base64"));
    const now = new Date(start);
    expect(headers["webhook-timestamp"]).toBe(String(now.getTime() / 1000));
    expect(headers["webhook-signature"]).toBe(webhook.sign(headers["webhook-id"] ?? "", now, body));
    expect(recordedNames()).toEqual(["notified"]);
  });

  test("says whom, what, when and what may outlive it, in ids", async () => {
    const { deliver, got } = await create([taken]);
    await deliver();
    expect(JSON.parse(got[0]?.body ?? "")).toMatchObject({
      type: "outcome.revoked",
      timestamp: "2026-01-05T09:01:04.000Z",
      data: {
        principalId: jane,
        roleDefinitionId: "fe930be7-5e62-47db-91af-98c3a49a38b1",
        outcome: "revoked",
        acceptedAt: "2026-01-05T09:01:02.000Z",
        accessTokensUntil: "2026-01-05T10:31:02.000Z",
      },
    });
  });
});

describe("a delivery that fails", () => {
  test("is tried again after longer and longer waits, under the same id, until it is taken", async () => {
    const { deliver, play, got, clock, notices } = await create([refused, refused, refused, taken]);
    await deliver();
    await play();
    expect(new Set(got.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(got.map(({ headers }) => Number(headers["webhook-timestamp"]) - start / 1000)).toEqual([0, 5, 35, 155]);
    expect(clock.now()).toBe(start + 155_000);
    expect(notices.peekAll()).toEqual([]);
  });

  test("waits as long as the receiver asks, up to a day", async () => {
    const { deliver, play, got } = await create([
      { ...refused, retryAfter: 3_600_000 },
      { ...refused, retryAfter: 99 * 3_600_000 },
      taken,
    ]);
    await deliver();
    await play();
    expect(got.map(({ headers }) => Number(headers["webhook-timestamp"]) - start / 1000)).toEqual([0, 3600, 90_000]);
  });

  test("for a day and a half is parked and raised; a redrive sends it again", async () => {
    const { deliver, play, got, state, notices, clock, recordedNames } = await create([refused]);
    await deliver();
    await play();
    expect(clock.now() - start).toBeGreaterThan(24 * 3_600_000);
    expect(got).toHaveLength(10);
    expect(await countUndelivered(state)).toEqual({ notices: 1, unreadable: 0 });
    expect(recordedNames().at(-1)).toBe("noticeParked");
    expect(await resendNotices(state, notices)).toEqual({ notices: 1, unreadable: 0 });
    expect(await countUndelivered(state)).toEqual({ notices: 0, unreadable: 0 });
    expect(notices.peekAll().map(({ content }) => content)).toEqual([
      noticeMessage({ principalId: jane, key: janesKey, channel: 0, tries: 0 }),
    ]);
  });

  test.each([400, 401, 403, 404, 410, 413])("because of %i is parked and raised at once", async (status) => {
    const { deliver, state, notices, recordedNames } = await create([{ ...refused, status }]);
    await deliver();
    expect(await countUndelivered(state)).toEqual({ notices: 1, unreadable: 0 });
    expect(notices.peekAll()).toEqual([]);
    expect(recordedNames().at(-1)).toBe("noticeParked");
  });

  test("because of 410 stops the channel until a person redrives", async () => {
    const { deliver, play, got, state, notices, recordedNames } = await create([{ ...refused, status: 410 }, taken]);
    await deliver();
    await deliver();
    expect(got).toHaveLength(1);
    expect(recordedNames()).toEqual(["channelStopped", "noticeParked", "noticeParked"]);
    expect(await stoppedChannels(state)).toEqual([0]);
    await resendNotices(state, notices);
    await play();
    expect(got).toHaveLength(2);
    expect(await stoppedChannels(state)).toEqual([]);
  });

  test("because of 410 stops no other URL", async () => {
    const { deliver, got, dependencies, state } = await create([taken]);
    await stopChannel(state, 0, "the mark of the URL before");
    expect(dependencies.channels[0]?.urlMark).not.toBe("the mark of the URL before");
    await deliver();
    expect(got).toHaveLength(1);
  });
});

test("while a secret is rotated both sign", async () => {
  const { deliver, got } = await create([taken], closed, { secrets: [secret, Buffer.alloc(32, 8)] });
  await deliver();
  const { headers, body } = firstOf(got);
  for (const fill of [7, 8]) {
    const webhook = new Webhook(Buffer.alloc(32, fill).toString("base64"));
    const signature = webhook.sign(headers["webhook-id"] ?? "", new Date(start), body);
    expect(headers["webhook-signature"]?.split(" ")).toContain(signature);
  }
});

describe("a notice of an outcome that is not there yet", () => {
  test("waits for it", async () => {
    const { deliver, play, got, principals } = await create([taken], aRevocation().progress);
    await deliver();
    expect(got).toEqual([]);
    await storePrincipal(principals, aState({ revocations: [aRevocation({ progress: closed })] }));
    await play();
    expect(got).toHaveLength(1);
  });

  test("is dropped after some minutes: the pass that gives the outcome sends its own", async () => {
    const { deliver, play, got, recordedNames } = await create([taken], aRevocation().progress);
    await deliver();
    await play();
    expect(got).toEqual([]);
    expect(recordedNames()).toEqual(["noticeDropped"]);
  });
});

test("an outcome that another writer stored is not sent", async () => {
  const { dependencies, principals, got } = await create([taken]);
  const get: typeof principals.get = async (...place) => {
    const { value, storageTime } = await principals.get(...place);
    return { value: value && { ...value, seal: "broken" }, storageTime };
  };
  await deliverNotice(noticeMessage({ principalId: jane, key: janesKey, tries: 3 }), {
    ...dependencies,
    principals: { ...principals, get },
  });
  expect(got).toEqual([]);
});

describe("a message that the host gave up on", () => {
  test("is parked when it is a notice, reported when it is none", async () => {
    const { state, dependencies, recorded } = await create([taken]);
    await parkPoison(noticeMessage({ principalId: jane, key: janesKey, tries: 1 }), "m1", dependencies);
    await parkPoison({ v: 9 }, "m2", dependencies);
    expect(await countUndelivered(state)).toEqual({ notices: 1, unreadable: 0 });
    expect(recorded.map(({ name, properties }) => [name, properties.code])).toEqual([
      ["noticeParked", "POISON"],
      ["deadLetter", "NOTICE_UNREADABLE"],
    ]);
  });

  test("is what cannot be read", async () => {
    const { dependencies } = await create([taken]);
    await expect(deliverNotice({ v: 2 }, dependencies)).rejects.toThrow(NoticeError);
  });
});
