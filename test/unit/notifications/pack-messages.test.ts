import { expect, test } from "vitest";
import { packMessages } from "../../../shared/notifications/to-messages.ts";
import { parseMessage, toMessage } from "../../../shared/reconcile/messages.ts";
import { maxMessageBytes } from "../../../shared/storage/queue.ts";

const id = (n: number) => `${String(n).padStart(8, "0")}-0000-4000-8000-000000000000`;
const signals = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    toMessage({
      principalId: id(n),
      because: "notification",
      tries: 0,
      notifiedAt: Date.parse("2026-03-01T00:00:00Z"),
      confirms: id(n),
    }),
  );

test("a few go by themselves", () => {
  const few = signals(4);
  expect(packMessages(few)).toEqual(few);
  expect(packMessages([])).toEqual([]);
});

test.each([5, 64, 65, 4000])("%i are packed, none lost and in their order", (count) => {
  const all = signals(count);
  const packs = packMessages(all);
  expect(packs.length).toBe(Math.ceil(count / 64));
  const unpacked = packs.flatMap((pack) => {
    const message = parseMessage(pack);
    return message.kind === "sendAll" ? message.messages : [];
  });
  expect(unpacked).toEqual(all);
});

test("a full pack of signals fits into a queue message with room to spare", () => {
  const [pack] = packMessages(signals(64));
  expect(Buffer.byteLength(JSON.stringify(pack))).toBeLessThan(maxMessageBytes / 2);
});
