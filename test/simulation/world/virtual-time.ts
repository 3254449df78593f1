import { EventHeap } from "./event-heap.ts";
import type { Random } from "./random.ts";

const ready = Promise.resolve();

/**
 * Time that passes only from event to event. After an event that wakes up code, every microtask runs before the next event,
 * so that the order of everything is decided by the events' times and, within one millisecond, by the seed.
 */
export class VirtualTime {
  #now: number;
  #wokeCode = false;
  readonly #events = new EventHeap();
  readonly #tieBreak: Random;

  constructor(start: number, tieBreak: Random) {
    this.#now = start;
    this.#tieBreak = tieBreak;
  }

  /** True time, epoch milliseconds. Nobody in the simulated world can read it, except the tenant. */
  now(): number {
    return this.#now;
  }

  /** Runs `event` at `time`, or now if that is past. */
  at(time: number, event: () => void): void {
    this.#events.push({ time: Math.max(time, this.#now), tieBreak: this.#tieBreak(), run: event });
  }

  /** To be called by an event that settles a promise: somebody's code goes on. */
  wakeCode(): void {
    this.#wokeCode = true;
  }

  /** Runs events until `end`, or until `done` says so (asked after each event). */
  runUntil(end: number, done: () => boolean = () => false): Promise<void> {
    return new Promise((resolve, reject) => {
      const run = () => {
        try {
          if (this.#runEvents(end, done)) void ready.then(afterMicrotasks);
          else resolve();
        } catch (error) {
          reject(error);
        }
      };
      // A microtask that asks for a tick: it comes once every microtask that is ready has run, and those that they made ready. It costs no turn of
      // Node's event loop. A tick that a tick asks for comes before the microtasks.
      const afterMicrotasks = () => process.nextTick(run);
      void ready.then(afterMicrotasks);
    });
  }

  /** Runs events until one has woken code, which must run first (true), or until the end (false). */
  #runEvents(end: number, done: () => boolean): boolean {
    while (!done()) {
      const event = this.#events.peek();
      if (event === undefined || event.time > end) {
        this.#now = Math.max(this.#now, end);
        return false;
      }
      this.#events.pop();
      this.#now = event.time;
      this.#wokeCode = false;
      event.run();
      if (this.#wokeCode) return true;
    }
    return false;
  }
}
