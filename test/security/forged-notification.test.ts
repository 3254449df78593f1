import { performance } from "node:perf_hooks";
import { describe, expect, test } from "vitest";
import { authenticateItems } from "../../shared/notifications/authenticate.ts";
import { collection, createReceiver, notificationOf, stateOf } from "../fixtures/delivery.ts";
import { aSubscription, aSubscriptionId, keys, tenantId } from "../fixtures/subscriptions.ts";

const record = aSubscription();
const other = aSubscription({
  id: "00000000-0000-4000-8000-000000000002",
  resource: "groups/9d0c1b2a-0000-4000-8000-0000000000aa/members",
  groupId: "9d0c1b2a-0000-4000-8000-0000000000aa",
  nonce: "another",
});
const stranger = "00000000-0000-4000-8000-00000000beef";

/** What an attacker sees, and what the app does: nothing but counting. */
async function attack(over: Readonly<Record<string, unknown>>) {
  const receiver = await createReceiver([record, other]);
  const answer = await receiver.notify(collection([notificationOf(record, over)]));
  return { answer, messages: receiver.messages(), recorded: receiver.recorded };
}

describe("is answered like any other, and leads to nothing", () => {
  test.each([
    { attack: "a forged client state", over: { clientState: "x".repeat(43) }, counted: { clientState: 1 } },
    { attack: "an empty client state", over: { clientState: "" }, counted: { clientState: 1 } },
    {
      attack: "the right client state of another subscription",
      over: { clientState: stateOf(other) },
      counted: { clientState: 1 },
    },
    { attack: "another tenant", over: { tenantId: stranger }, counted: { tenant: 1 } },
    { attack: "an unknown subscription id", over: { subscriptionId: stranger }, counted: { subscription: 1 } },
    { attack: "no client state", over: { clientState: undefined }, counted: { unreadable: 1 } },
    { attack: "a client state of 1 MB", over: { clientState: "x".repeat(900_000) }, counted: { unreadable: 1 } },
    { attack: "a client state that is no text", over: { clientState: { $ne: "" } }, counted: { unreadable: 1 } },
    { attack: "the id of a prototype", over: { subscriptionId: "__proto__" }, counted: { unreadable: 1 } },
  ])("$attack", async ({ over, counted }) => {
    const { answer, messages, recorded } = await attack(over);
    expect(answer).toEqual({ status: 202 });
    expect(messages).toEqual([]);
    expect(recorded).toMatchObject([{ name: "notificationsRejected", properties: counted }]);
  });
});

test("what is reported of it holds nothing of its content", async () => {
  const { recorded } = await attack({ clientState: "jane.doe@contoso.example" });
  expect(JSON.stringify(recorded)).not.toContain("jane");
});

test("a client state of a subscription that was replaced is worth nothing any more", async () => {
  const { notify, messages } = await createReceiver([aSubscription({ nonce: "renewed" })]);
  await notify(collection([notificationOf(record)]));
  expect(messages()).toEqual([]);
});

test("a replayed notification is one more pass of the group and nothing more", async () => {
  const { notify, messages } = await createReceiver();
  const captured = JSON.stringify({ value: [notificationOf(record)] });
  for (let n = 0; n < 3; n += 1) await notify(collection(JSON.parse(captured).value));
  const [first, ...more] = messages();
  expect(first).toMatchObject({ because: "notification", principalId: record.groupId });
  expect(more).toEqual([first, first]);
});

test("unknown subscription ids by the thousand cost one read of storage a second", async () => {
  let reads = 0;
  const { notify, state, clock, pass } = await createReceiver();
  const { createKnownSubscriptions } = await import("../../shared/notifications/authenticate.ts");
  const counting = {
    ...state,
    list: async (partition: string) => {
      reads += 1;
      return state.list(partition);
    },
  };
  const known = createKnownSubscriptions(counting, clock);
  for (let n = 0; n < 1000; n += 1) await known([stranger]);
  expect(reads).toBe(1);
  pass(1000);
  for (let n = 0; n < 1000; n += 1) await known([stranger]);
  expect(reads).toBe(2);
  expect(await notify(collection([notificationOf(record, { subscriptionId: stranger })]))).toEqual({ status: 202 });
});

test("the time of the comparison shows neither where a client state differs nor whether the subscription exists", () => {
  const known = new Map([[aSubscriptionId, record]]);
  const right = stateOf(record);
  const flip = (text: string, at: number) => `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
  const attempts = [
    { clientState: right, subscriptionId: aSubscriptionId, tenantId },
    { clientState: flip(right, 0), subscriptionId: aSubscriptionId, tenantId },
    { clientState: flip(right, right.length - 1), subscriptionId: aSubscriptionId, tenantId },
    { clientState: right, subscriptionId: stranger, tenantId },
  ];
  const times = attempts.map((): number[] => []);
  // Side by side, so that whatever else the machine does falls on all of them alike.
  for (let round = 0; round < 4000; round += 1) {
    for (const [index, attempt] of attempts.entries()) {
      const startedAt = performance.now();
      authenticateItems([attempt], known, keys);
      times[index]?.push(performance.now() - startedAt);
    }
  }
  const medians = times.map((taken) => taken.toSorted((a, b) => a - b)[taken.length / 2] ?? 0);
  expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(1.5);
});
