import { StorageConflictError } from "../../../shared/storage/table.ts";
import type { MemoryMessage, MemoryQueue } from "../../fixtures/memory-storage.ts";
import type { App, Order } from "./app.ts";
import type { Instance } from "./instance.ts";
import { type CallContext, callThroughNetwork } from "./port-call.ts";
import { between } from "./random.ts";
import type { Tally } from "./tally.ts";

const second = 1000;
/** How long a received message stays hidden when its host dies. */
const hiddenFor = 600 * second;
/** `visibilityTimeout` and `maxDequeueCount` of host.json. */
const retryAfter = 30 * second;
const maxDequeueCount = 5;
const catchUpEvery = 30 * second;
const orderAgainAfter = 20 * second;

interface Slot {
  readonly index: number;
  running: { readonly instance: Instance; readonly app: App } | undefined;
}

export interface HostParts {
  readonly context: CallContext;
  readonly queue: MemoryQueue;
  readonly tally: Tally;
  /** How far storage's clock is ahead of the truth, milliseconds: message times are storage's. */
  readonly queueSkew: number;
  readonly slots: number;
  readonly resyncEvery: number;
  /** Whether another timer lets the app read the audit log. */
  readonly readsAuditLog: boolean;
  readonly start: (slot: number) => { readonly instance: Instance; readonly app: App };
}

/** The Functions host: several instances, a timer that one of them runs, a queue that all of them drain, and death at any moment. */
export class Host {
  readonly #parts: HostParts;
  readonly #slots: Slot[];
  /** Downtimes may overlap. */
  #downtimes = 0;
  #resyncing: Instance | undefined;
  #pumpAt = Number.POSITIVE_INFINITY;

  constructor(parts: HostParts) {
    this.#parts = parts;
    this.#slots = Array.from({ length: parts.slots }, (_, index) => ({ index, running: undefined }));
    for (const slot of this.#slots) this.#startSlot(slot);
    this.#later(0, () => this.#tick());
    if (parts.readsAuditLog) this.#later(0, () => this.#catchUp());
  }

  /** The process dies; a new one starts after `restartAfter` milliseconds. */
  crash(instance: Instance, restartAfter: number): void {
    instance.kill();
    const slot = this.#slots.find((candidate) => candidate.running?.instance === instance);
    if (slot === undefined) return;
    slot.running = undefined;
    this.#later(restartAfter, () => this.#startSlot(slot));
  }

  /** An operator orders it of some instance, again and again until one says that it is done, or until they give up. */
  order(action: Order, done: () => void): () => void {
    let isDone = false;
    const attempt = (): void => {
      if (isDone) return;
      const alive = this.#slots.flatMap((slot) => slot.running ?? []);
      const chosen = alive[between(this.#parts.context.random, 0, alive.length)];
      this.#later(orderAgainAfter, attempt);
      if (chosen === undefined) return;
      this.#parts.context.time.wakeCode();
      chosen.app.order(action).then(
        () => {
          if (isDone) return;
          isDone = true;
          done();
        },
        (error: unknown) => this.#parts.tally.add(`app order threw ${nameOf(error)}`),
      );
    };
    attempt();
    return () => {
      isDone = true;
    };
  }

  stopAll(): void {
    this.#downtimes += 1;
    for (const slot of this.#slots) {
      slot.running?.instance.kill();
      slot.running = undefined;
    }
  }

  startAll(): void {
    this.#downtimes -= 1;
    for (const slot of this.#slots) this.#startSlot(slot);
  }

  /** To be called whenever a message was sent. */
  wakePump(): void {
    const next = this.#parts.queue.nextVisibleAt();
    if (next === undefined) return;
    const at = Math.max(next - this.#parts.queueSkew, this.#now()) + between(this.#parts.context.random, 10, second);
    if (at >= this.#pumpAt) return;
    this.#pumpAt = at;
    this.#parts.context.time.at(at, () => {
      if (this.#pumpAt === at) this.#pump();
    });
  }

  #pump(): void {
    this.#pumpAt = Number.POSITIVE_INFINITY;
    const alive = this.#slots.filter((slot) => slot.running !== undefined);
    if (alive.length === 0) return;
    for (const message of this.#parts.queue.receive(4, hiddenFor)) {
      const slot = alive[between(this.#parts.context.random, 0, alive.length)];
      if (slot !== undefined) this.#deliver(slot, message, message.dequeueCount);
    }
    this.wakePump();
  }

  #deliver(slot: Slot, message: MemoryMessage, dequeueCount: number): void {
    const running = slot.running;
    if (running === undefined) return;
    this.#parts.context.time.wakeCode();
    running.app.handleMessage(message.content).then(
      () => this.#deleteMessage(running.instance, message),
      (error: unknown) => {
        this.#parts.tally.add(`app message threw ${nameOf(error)}`);
        if (dequeueCount < maxDequeueCount) {
          this.#later(retryAfter, () => this.#deliver(slot, message, dequeueCount + 1));
          return;
        }
        this.#parts.tally.add("app message poisoned");
        this.#deleteMessage(running.instance, message);
      },
    );
  }

  #deleteMessage(instance: Instance, message: MemoryMessage): void {
    const effect = () => {
      try {
        this.#parts.queue.delete(message);
      } catch (error) {
        // It came back in the meantime and somebody else has it now.
        if (!(error instanceof StorageConflictError)) throw error;
      }
      return { value: undefined };
    };
    void callThroughNetwork(this.#parts.context, instance, "host.deleteMessage", () => ({ latency: [2, 12], effect }));
  }

  #tick(): void {
    const { context, resyncEvery } = this.#parts;
    const alive = this.#slots.flatMap((slot) => slot.running ?? []);
    const busy = this.#resyncing?.alive() === true;
    const chosen = alive[between(context.random, 0, alive.length)];
    // The timer never overlaps itself; the queue heartbeat that drives the resync as well may.
    if (chosen !== undefined && (!busy || context.random() < 0.1)) this.#resync(chosen.instance, chosen.app);
    this.#later(resyncEvery, () => this.#tick());
  }

  #catchUp(): void {
    const alive = this.#slots.flatMap((slot) => slot.running ?? []);
    const chosen = alive[between(this.#parts.context.random, 0, alive.length)];
    this.#later(catchUpEvery, () => this.#catchUp());
    if (chosen === undefined) return;
    this.#parts.context.time.wakeCode();
    chosen.app
      .catchUp()
      .catch((error: unknown) => this.#parts.tally.add(`app reading of the audit log threw ${nameOf(error)}`));
  }

  #resync(instance: Instance, app: App): void {
    this.#resyncing = instance;
    this.#parts.context.time.wakeCode();
    app
      .resync()
      .catch((error: unknown) => this.#parts.tally.add(`app resync threw ${nameOf(error)}`))
      .finally(() => {
        if (this.#resyncing === instance) this.#resyncing = undefined;
      });
  }

  #startSlot(slot: Slot): void {
    if (this.#downtimes > 0 || slot.running !== undefined) return;
    slot.running = this.#parts.start(slot.index);
    this.wakePump();
  }

  #later(after: number, run: () => void): void {
    this.#parts.context.time.at(this.#now() + after, run);
  }

  #now(): number {
    return this.#parts.context.time.now();
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "something odd");
