import { describe, expect, it } from "vitest";
import { type ErrandWork, runErrand } from "../../../shared/notifications/to-messages.ts";
import type { Errand } from "../../../shared/reconcile/messages.ts";

const groupId = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

/** Runs one errand; what was called and what was sent to the queue. */
async function run(errand: Errand, over: Partial<ErrandWork> = {}, isOurs = true) {
  const called: unknown[] = [];
  const sent: { message: unknown; delay: number }[] = [];
  await runErrand(errand, isOurs, {
    resync: async () => {
      called.push("resync");
    },
    catchUp: async (toldAt) => {
      called.push(toldAt);
      return null;
    },
    subscribe: async (id) => {
      called.push(id);
      return true;
    },
    keepSubscriptions: async (asked) => {
      called.push([...asked]);
      return true;
    },
    signals: {
      send: async (message, delay) => {
        sent.push({ message, delay });
      },
    },
    ...over,
  });
  return { called, sent };
}

describe("an errand is run once and is done", () => {
  it.each<[Errand, unknown]>([
    [{ kind: "resync" }, "resync"],
    [{ kind: "catchUp", toldAt: 7 }, 7],
    [{ kind: "subscribe", groupId }, groupId],
    [{ kind: "keepSubscriptions", asked: [groupId] }, [groupId]],
  ])("%j", async (errand, expected) => {
    expect(await run(errand)).toEqual({ called: [expected], sent: [] });
  });
});

describe("an errand that cannot be done yet goes back to the queue", () => {
  it("reading on, for as long as was asked for", async () => {
    const errand: Errand = { kind: "catchUp", toldAt: 7 };
    const { sent } = await run(errand, { catchUp: async () => 1234 });
    expect(sent).toEqual([{ message: { v: 2, ...errand }, delay: 1234 }]);
  });

  it.each<[Errand]>([[{ kind: "subscribe", groupId }], [{ kind: "keepSubscriptions", asked: [groupId] }]])(
    "%j, while another instance keeps the subscriptions",
    async (errand) => {
      const busy = async () => false;
      const { sent } = await run(errand, { subscribe: busy, keepSubscriptions: busy });
      expect(sent).toEqual([{ message: { v: 2, ...errand }, delay: 5000 }]);
    },
  );
});

describe("a pack of messages", () => {
  const signal = {
    v: 2,
    kind: "principal",
    principalId: groupId,
    because: "notification",
    tries: 0,
    confirms: groupId,
  };

  it("is sent as it is when it is ours", async () => {
    const { sent } = await run({ kind: "sendAll", messages: [signal] });
    expect(sent).toEqual([{ message: signal, delay: 0 }]);
  });

  it("is believed nothing when it is not", async () => {
    const { sent } = await run({ kind: "sendAll", messages: [signal] }, {}, false);
    expect(sent).toEqual([{ message: expect.objectContaining({ principalId: groupId }), delay: 0 }]);
    expect(sent[0]?.message).not.toHaveProperty("confirms");
  });
});
