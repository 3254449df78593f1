import { expect, test } from "vitest";
import { SignalError } from "../../shared/assignments/signal.ts";
import { errandMessage } from "../../shared/signals/errand.ts";
import { unpackMessages } from "../../shared/signals/unpack-messages.ts";
import { aGroup } from "../fixtures/subscriptions.ts";

const hint = { v: 1, principalId: aGroup, because: "notification", tries: 0 };
const telling = { ...hint, tells: { kind: "group", groupId: aGroup } };
const resync = errandMessage({ errand: "resync" });

test("a pack of ours is sent on as it is", () => {
  expect(unpackMessages([telling, resync], true)).toEqual([telling, resync]);
});

test("a forged pack is a pack of hints: our seal comes on nothing that waives an absence", () => {
  expect(unpackMessages([telling, resync], false)).toEqual([hint, resync]);
});

test("a pack in a forged pack is left out: the next unpacking would take it for ours", () => {
  expect(unpackMessages([errandMessage({ errand: "sendAll", messages: [telling] })], false)).toEqual([]);
});

test("a forged pack of rubbish is parked", () => {
  expect(() => unpackMessages([{ secret: 1 }], false)).toThrow(SignalError);
});
