import { describe, expect, test } from "vitest";
import type { Head } from "../../../shared/model/principal.ts";
import type { SentWake } from "../../../shared/reconcile/dependencies.ts";
import { planWake, type WakePlan } from "../../../shared/reconcile/wake-up.ts";
import { jane } from "../../fixtures/fake-world.ts";
import { createMemoryQueue } from "../../fixtures/memory-storage.ts";
import { aState, at } from "../../fixtures/principal-builders.ts";

const day = 24 * 3_600_000;

/** What is planned, and the messages that the invocation has sent already. */
type Given = Partial<WakePlan> & { readonly sent?: SentWake };

async function planHead(head: Partial<Head>, { sent, ...over }: Given) {
  const queue = createMemoryQueue({ now: () => at(0) });
  const plan: WakePlan = {
    wait: 30_000,
    inside: false,
    storageNow: at(0),
    signal: { principalId: jane, because: "timer", tries: 0 },
    work: false,
    ...over,
  };
  const dependencies = { signals: queue, ...(sent === undefined ? {} : { sentWake: sent }) };
  const state = await planWake(aState({ head }), plan, dependencies);
  return { head: state.head, sent: queue.peekAll().map(({ visibleAt }) => visibleAt - at(0)) };
}

async function plan(wakeAt: number | null, over: Given) {
  const { head, sent } = await planHead({ wakeAt }, over);
  return { wakeAt: head.wakeAt, sent };
}

describe("a wake-up", () => {
  test("is a message, and remembered", async () => {
    expect(await plan(null, {})).toEqual({ wakeAt: at(30), sent: [30_000] });
  });

  test.each([at(30), at(20), at(32)])("is not sent again while one is on its way early enough: %i", async (wakeAt) => {
    expect(await plan(wakeAt, {})).toEqual({ wakeAt, sent: [] });
  });

  test("is sent again when the one on its way is too late", async () => {
    expect(await plan(at(33), {})).toEqual({ wakeAt: at(30), sent: [30_000] });
  });

  test.each([at(-600), at(0), at(2)])("is sent again when the last one is here or lost: %i", async (wakeAt) => {
    expect(await plan(wakeAt, {})).toEqual({ wakeAt: at(30), sent: [30_000] });
  });

  test.each([
    { wait: 30_000, isSent: true },
    { wait: 30_001, isSent: false },
  ])("is noted when it comes soon: $wait", async ({ wait, isSent }) => {
    const sent = { isSent: false };
    await plan(null, { wait, sent });
    expect(sent).toEqual({ isSent, wakeAt: at(0) + wait });
  });

  test("is sent once by a pass that starts over because another instance committed first", async () => {
    const sent = { isSent: false };
    await plan(null, { wait: 40_000, sent });
    expect(await plan(at(70), { wait: 39_000, sent })).toEqual({ wakeAt: at(40), sent: [] });
    expect(await plan(at(70), { wait: 20_000, sent })).toEqual({ wakeAt: at(20), sent: [20_000] });
    expect(await plan(null, { wait: 60_000, storageNow: at(20), sent })).toMatchObject({ sent: [60_000] });
  });

  test("behind a call is sent once, however often the commit is lost, and no pass leaves other work to it", async () => {
    const sent = { isSent: false };
    const behind = { sent, work: true };
    expect(await plan(at(0), { wait: 20_000, ...behind })).toEqual({ wakeAt: at(20), sent: [20_000] });
    expect(await plan(at(0), { wait: 20_000, storageNow: at(1), ...behind })).toEqual({ wakeAt: at(20), sent: [] });
    expect(sent).toEqual({ isSent: false, wakeAt: at(20) });
    expect(await plan(at(0), { wait: 20_000, storageNow: at(18), ...behind })).toMatchObject({ wakeAt: at(38) });
  });

  test("that was not sent is not noted", async () => {
    const sent = { isSent: false };
    await plan(at(30), { sent });
    expect(sent).toEqual({ isSent: false });
  });

  test("that is overdue comes at once", async () => {
    expect(await plan(null, { wait: -5 })).toEqual({ wakeAt: at(0), sent: [0] });
  });

  test("beyond six days hops", async () => {
    expect(await plan(null, { wait: 20 * day })).toEqual({ wakeAt: at(0) + 6 * day, sent: [6 * day] });
  });

  test("with nothing to wait for is forgotten", async () => {
    expect(await plan(at(30), { wait: null })).toEqual({ wakeAt: null, sent: [] });
  });
});

describe("the message for an end that is hours away", () => {
  const hours = at(7200);
  const known = (head: Partial<Head>) => ({ wakeAt: head.wakeAt, laterWakeAt: head.laterWakeAt });

  test("is remembered while something sooner is waited for, in a message or inside, or nothing", async () => {
    for (const over of [{ wait: 10_000 }, { wait: 3000, inside: true }, { wait: null }]) {
      const { head } = await planHead({ wakeAt: hours }, over);
      expect(known(head)).toEqual({ wakeAt: over.wait && at(over.wait / 1000), laterWakeAt: hours });
    }
  });

  test("is not sent again after that", async () => {
    const { head, sent } = await planHead({ wakeAt: at(0), laterWakeAt: hours }, { wait: 7_200_000 });
    expect([known(head), sent]).toEqual([{ wakeAt: hours, laterWakeAt: undefined }, []]);
    expect(await planHead(head, { wait: 10_000 })).toMatchObject({ head: { laterWakeAt: hours }, sent: [10_000] });
  });

  test("wakes too early once the end has moved, and is sent again where the end comes sooner", async () => {
    const later = { wakeAt: at(0), laterWakeAt: hours };
    expect(await planHead(later, { wait: 9_000_000 })).toMatchObject({ head: { wakeAt: hours }, sent: [] });
    const sooner = await planHead(later, { wait: 3_600_000 });
    expect([known(sooner.head), sooner.sent]).toEqual([{ wakeAt: at(3600), laterWakeAt: hours }, [3_600_000]]);
  });

  test("is forgotten when it has come, or comes with what is waited for", async () => {
    for (const laterWakeAt of [at(-1), at(2), at(30)]) {
      const planned = await planHead({ wakeAt: null, laterWakeAt }, { wait: 2000, inside: true });
      expect(known(planned.head)).toEqual({ wakeAt: at(2), laterWakeAt: undefined });
    }
  });
});

describe("a wait inside the invocation", () => {
  test("sends nothing, yet says to the resync when to worry", async () => {
    expect(await plan(null, { inside: true, wait: 3000 })).toEqual({ wakeAt: at(3), sent: [] });
  });

  test("keeps the earlier time from which on the resync worries", async () => {
    expect(await plan(at(-5), { inside: true, wait: 300 })).toEqual({ wakeAt: at(-5), sent: [] });
  });
});
