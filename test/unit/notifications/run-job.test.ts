import { describe, expect, it } from "vitest";
import { type JobWork, runJob } from "../../../shared/notifications/to-messages.ts";
import type { Job } from "../../../shared/reconcile/messages.ts";

const groupId = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

/** Runs one job; what was called and what was sent to the queue. */
async function run(job: Job, over: Partial<JobWork> = {}, isOurs = true) {
  const called: unknown[] = [];
  const sent: { message: unknown; delay: number }[] = [];
  await runJob(job, isOurs, {
    resync: async () => {
      called.push("resync");
    },
    catchUp: async (notifiedAt) => {
      called.push(notifiedAt);
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

describe("a job is run once and is done", () => {
  it.each<[Job, unknown]>([
    [{ kind: "resync" }, "resync"],
    [{ kind: "catchUp", notifiedAt: 7 }, 7],
    [{ kind: "subscribe", groupId }, groupId],
    [{ kind: "keepSubscriptions", asked: [groupId] }, [groupId]],
  ])("%j", async (job, expected) => {
    expect(await run(job)).toEqual({ called: [expected], sent: [] });
  });
});

describe("a job that cannot be done yet goes back to the queue", () => {
  it("reading on, for as long as was asked for", async () => {
    const job: Job = { kind: "catchUp", notifiedAt: 7 };
    const { sent } = await run(job, { catchUp: async () => 1234 });
    expect(sent).toEqual([{ message: { v: 2, ...job }, delay: 1234 }]);
  });

  it.each<[Job]>([[{ kind: "subscribe", groupId }], [{ kind: "keepSubscriptions", asked: [groupId] }]])(
    "%j, while another instance keeps the subscriptions",
    async (job) => {
      const busy = async () => false;
      const { sent } = await run(job, { subscribe: busy, keepSubscriptions: busy });
      expect(sent).toEqual([{ message: { v: 2, ...job }, delay: 5000 }]);
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
