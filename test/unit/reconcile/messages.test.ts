import { describe, expect, test } from "vitest";
import {
  type Job,
  jobMessage,
  massExpiryMessage,
  nextSignal,
  parseMessage,
  type Signal,
  SignalError,
  toMessage,
  trusted,
} from "../../../shared/reconcile/messages.ts";
import { signalOf } from "../../fixtures/deliver.ts";
import { jane } from "../../fixtures/fake-world.ts";

const throughQueue = (message: unknown): unknown => JSON.parse(JSON.stringify(message));
const groupId = "9d0c1b2a-0000-4000-8000-000000000009";

test.each<{ name: string; signal: Signal }>([
  { name: "a signal", signal: { principalId: jane, because: "timer", tries: 3 } },
  {
    name: "the group that it confirms",
    signal: { principalId: jane, because: "notification", tries: 0, confirms: groupId },
  },
  {
    name: "when Graph had notified us",
    signal: { principalId: jane, because: "audit", tries: 0, notifiedAt: 1767603660500 },
  },
  {
    name: "the end that a standby message is for",
    signal: { principalId: jane, because: "timer", tries: 0, standby: 1767603660500 },
  },
])("$name survives the queue", ({ signal }) => {
  expect(parseMessage(throughQueue(toMessage(signal)))).toEqual({ kind: "principal", signal });
  expect(signalOf(throughQueue(toMessage(signal)))).toEqual(signal);
});

test.each<Job>([
  { kind: "resync" },
  { kind: "catchUp", notifiedAt: 1_800_000_000_000 },
  { kind: "subscribe", groupId },
  { kind: "keepSubscriptions", asked: ["7f105c7d-2dc5-4530-97cd-4e7ae6534c07"] },
  { kind: "sendAll", messages: [{ v: 2, kind: "resync" }] },
])("the job $kind survives the queue, and is no signal", (job) => {
  expect(parseMessage(throughQueue(jobMessage(job)))).toMatchObject(job);
  expect(parseMessage(jobMessage(job)).kind).not.toBe("principal");
});

test("a mass expiry survives the queue", () => {
  expect(parseMessage(throughQueue(massExpiryMessage(1767603661000)))).toMatchObject({
    kind: "massExpiry",
    second: 1767603661000,
  });
});

test("an id is one whatever its case", () => {
  const message = { v: 2, kind: "principal", principalId: jane.toUpperCase(), because: "operator", tries: 0 };
  expect(signalOf(message).principalId).toBe(jane);
});

describe("what this version does not know is refused, naming the place and not the content", () => {
  const signal = { v: 2, kind: "principal", principalId: jane, because: "timer", tries: 0 };
  test.each([
    { name: "no object", message: "secret", place: "message" },
    { name: "nothing", message: null, place: "message" },
    { name: "a message of no kind", message: { v: 2 }, place: "kind" },
    { name: "a message of an unknown kind", message: { v: 2, kind: "secret" }, place: "kind" },
    { name: "a signal of a newer version", message: { ...signal, v: 3 }, place: "v" },
    { name: "a signal for no object id", message: { ...signal, principalId: "secret" }, place: "principalId" },
    { name: "a signal for an unknown reason", message: { ...signal, because: "secret" }, place: "because" },
    { name: "a signal that confirms no group", message: { ...signal, confirms: "secret" }, place: "confirms" },
    { name: "a signal that was tried a negative number of times", message: { ...signal, tries: -1 }, place: "tries" },
    {
      name: "a mass expiry without a second",
      message: { v: 2, kind: "massExpiry", second: "secret" },
      place: "second",
    },
    { name: "a subscription to no group", message: { v: 2, kind: "subscribe", groupId: "secret" }, place: "groupId" },
    { name: "a pack of no messages", message: { v: 2, kind: "sendAll", messages: {} }, place: "messages" },
    {
      name: "subscriptions that are none",
      message: { v: 2, kind: "keepSubscriptions", asked: ["secret"] },
      place: "asked.0",
    },
  ])("$name", ({ message, place }) => {
    const refused = () => parseMessage(message);
    expect(refused).toThrow(SignalError);
    expect(refused).toThrow(`see ${place} (`);
    expect(refused).not.toThrow("secret");
  });

  test.each([
    { of: "a signal", message: { v: 1, principalId: jane, because: "timer", tries: 0 } },
    { of: "a mass expiry of 0.1", message: { v: 1, second: 1767603661000 } },
    { of: "a job of 0.1", message: { v: 1, job: "resync" } },
    {
      of: "a signal with a report of 0.1",
      message: { v: 1, principalId: jane, because: "audit", tells: { kind: "group", groupId } },
    },
  ])("$of of 0.1", ({ message }) => {
    expect(() => parseMessage(message)).toThrow(SignalError);
    expect(() => parseMessage(message)).toThrow("not of this version");
    expect(() => parseMessage({ ...message, kind: "principal", tries: 0 })).toThrow("see v (");
  });
});

test("of a message without our seal only the principal counts", () => {
  const signal: Signal = {
    principalId: jane,
    because: "notification",
    tries: 1,
    confirms: groupId,
    notifiedAt: 5,
    standby: 7,
  };
  expect(trusted(signal, false)).toEqual({ principalId: jane, because: "notification", tries: 1 });
});

test.each([
  { because: "notification", next: "timer" },
  { because: "massExpiry", next: "massExpiry" },
] as const)(
  "the next pass of one that came because of $because comes because of $next, and confirms nothing",
  ({ because, next }) => {
    expect(nextSignal({ principalId: jane, because, tries: 3, confirms: groupId })).toEqual({
      principalId: jane,
      because: next,
      tries: 0,
    });
  },
);
