import { describe, expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import type { PrincipalState } from "../../../shared/model/principal.ts";
import { finishPass, type Pass } from "../../../shared/reconcile/finish-pass.ts";
import { StorageConflictError } from "../../../shared/storage/table.ts";
import { createFakeWorld, jane } from "../../fixtures/fake-world.ts";
import { createMemoryQueue } from "../../fixtures/memory-storage.ts";
import { aHolding, anAttempt, aRevocation, aState, at } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const signal = { principalId: jane, because: "timer", tries: 0 } as const;
type Result = Parameters<typeof finishPass>[1];

/** A pass that has just read Jane, 57 seconds after the start: her role ends at 60.5. */
async function createPass(before: PrincipalState = aState({ holdings: [aHolding()] })) {
  const world = createFakeWorld();
  const notices = createMemoryQueue({ now: world.clock.now });
  await storePrincipal(world.principals, before);
  world.goTo(at(57));
  const loaded = await loadPrincipal(world.principals, jane);
  const pass: Pass = { signal, timeLeft: 20_000, loaded, loadedAt: world.clock.monotonic() };
  const finish = (over: Partial<Result> = {}, ofPass: Partial<Pass> = {}, dependencies = world.dependencies) =>
    finishPass(
      { ...pass, ...ofPass },
      {
        next: loaded.state,
        date: at(57),
        at: at(57),
        wakeAt: at(59.501),
        wakeSignal: signal,
        work: false,
        ...over,
      },
      { ...dependencies, notices },
    );
  const stored = async () => (await loadPrincipal(world.principals, jane)).state;
  return { world, loaded, finish, stored, notices };
}

describe("the next pass", () => {
  test("is this invocation's when it is seconds away, with a standby message for the end that it waits for", async () => {
    const { world, finish, stored } = await createPass();
    expect(await finish()).toMatchObject({ wait: { ms: 2501, failed: false } });
    expect(world.queue.peekAll()).toMatchObject([{ content: { standby: at(60.5) } }]);
    expect((await stored()).head).toMatchObject({ wakeAt: at(59.501), standbyFor: at(60.5) });
  });

  test.each([
    { name: "later than this invocation waits", over: { wakeAt: at(57) + defaultTimings.waitInside + 1 }, ofPass: {} },
    { name: "later than this invocation lives", over: {}, ofPass: { timeLeft: 2501 } },
    { name: "behind work that follows the commit", over: { work: true }, ofPass: {} },
  ])("comes by a message when it is $name", async ({ over, ofPass }) => {
    const { world, finish, stored } = await createPass();
    expect(await finish(over, ofPass)).toMatchObject({ wait: null });
    expect(world.queue.peekAll()).toMatchObject([{ content: { because: "timer", tries: 0 } }]);
    expect((await stored()).head.wakeAt).not.toBeNull();
  });

  test("is counted from the reading: time that has passed since then is not waited for again", async () => {
    const { world, finish } = await createPass();
    world.goTo(at(58));
    expect(await finish()).toMatchObject({ wait: { ms: 1501 } });
  });

  test("after a failed read says so, and has no standby message: nobody knows what the end is", async () => {
    const { world, finish } = await createPass();
    expect(await finish({ wakeSignal: { ...signal, tries: 1 } })).toMatchObject({ wait: { ms: 2501, failed: true } });
    expect(world.queue.peekAll()).toEqual([]);
  });

  test("is none when there is nothing to wait for", async () => {
    const { world, finish, stored } = await createPass(aState({ holdings: [aHolding()], head: { wakeAt: at(50) } }));
    expect(await finish({ wakeAt: null })).toMatchObject({ wait: null });
    expect(world.queue.peekAll()).toEqual([]);
    expect((await stored()).head.wakeAt).toBeNull();
  });
});

describe("what is committed", () => {
  const lost = aState({ revocations: [aRevocation()], attempt: anAttempt({ writtenAt: null }) });

  test("is reported after the commit, and the lease on the call runs from before it", async () => {
    const { world, finish, stored } = await createPass();
    const finished = await finish({ next: lost, work: true });
    expect(finished).toMatchObject({ leaseFrom: at(57), committed: { state: { attempt: { writtenAt: at(57) } } } });
    expect((await stored()).revocations.size).toBe(1);
    expect(world.recordedNames()).toEqual(["ended"]);
  });

  test("comes after the message: one too many costs a read, one too few a loss", async () => {
    const { world, loaded, finish, stored } = await createPass();
    await storePrincipal(world.principals, aState({ head: { wakeAt: at(58) } }));
    await expect(finish({ next: lost, work: true }, { loaded })).rejects.toThrow(StorageConflictError);
    expect(world.queue.peekAll()).toHaveLength(1);
    expect((await stored()).revocations.size).toBe(0);
    expect(world.recorded).toEqual([]);
  });

  test("is nothing when the reading has become too old to act upon: the message leads to a new pass", async () => {
    const { world, finish, stored } = await createPass();
    world.goTo(at(57) + defaultTimings.readingFor + 1);
    await expect(finish({ next: lost, work: true })).rejects.toThrow("too old to act upon");
    expect((await stored()).revocations.size).toBe(0);
    expect(world.queue.peekAll()).toHaveLength(1);
    expect(world.recorded).toEqual([]);
  });

  test("is what an old reading says all the same when no call follows from it", async () => {
    const { world, finish, stored } = await createPass();
    world.goTo(at(57) + defaultTimings.readingFor + 1);
    await finish({ next: aState({ revocations: [aRevocation()] }) });
    expect((await stored()).revocations.size).toBe(1);
  });

  test("is announced to the webhook with its outcome", async () => {
    const closed = { state: "closed", outcome: "excluded", closedAt: at(57), acceptedAt: null } as const;
    const progress = { ...closed, verified: false, detail: null };
    const { finish, notices } = await createPass();
    await finish({ next: aState({ revocations: [aRevocation({ progress })] }) });
    expect(notices.peekAll()).toHaveLength(1);
  });
});
