import { expect, test } from "vitest";
import { unpackMessages } from "../../shared/notifications/to-messages.ts";
import { jobMessage, massExpiryMessage, SignalError } from "../../shared/reconcile/messages.ts";
import { aGroup } from "../fixtures/subscriptions.ts";

const hint = { v: 2, kind: "principal", principalId: aGroup, because: "notification", tries: 0 };
const confirming = { ...hint, confirms: aGroup };
const resync = jobMessage({ kind: "resync" });

test("a pack of ours is sent on as it is", () => {
  expect(unpackMessages([confirming, resync], true)).toEqual([confirming, resync]);
});

test("a forged pack is a pack of hints: our seal comes on nothing that stands for a second answer", () => {
  expect(unpackMessages([confirming, resync], false)).toEqual([hint, resync]);
});

test("what only the app itself sends is left out of a forged pack: mass expiries, and packs, which the next unpacking would take for ours", () => {
  expect(unpackMessages([massExpiryMessage(0)], false)).toEqual([]);
  expect(unpackMessages([jobMessage({ kind: "sendAll", messages: [confirming] })], false)).toEqual([]);
});

test("a forged pack of rubbish is parked", () => {
  expect(() => unpackMessages([{ secret: 1 }], false)).toThrow(SignalError);
});
