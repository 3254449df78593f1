import type { Faults } from "./faults.ts";
import type { Instance, Settlement } from "./instance.ts";
import { between, type Random } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What a port needs to turn a plain function into a call over a network that may fail. */
export interface CallContext {
  readonly time: VirtualTime;
  readonly faults: Faults;
  readonly random: Random;
  /** Called for each call before it leaves and after it took effect; true = the caller dies right there. */
  readonly observe: (call: string, when: "before" | "after", time: number) => boolean;
  /** Ends the process; a new one starts after `restartAfter` milliseconds. */
  readonly crash: (instance: Instance, restartAfter: number) => void;
}

export interface Course<T> {
  readonly latency: readonly [from: number, to: number];
  /** What happens at the far end; its value or error is the answer. Undefined = the request never arrives. Whoever leaves code to run calls `wakeCode`. */
  readonly effect: (() => Settlement<T>) | undefined;
  /** Replaces the answer, `after` milliseconds after the request left. */
  readonly instead?: { readonly error: unknown; readonly after: number };
  /** The request arrives that much later, milliseconds. */
  readonly late?: number;
}

/** After a death that an observer asked for, milliseconds. */
const restartAfter = 2000;

/** One call: it leaves, takes effect and is answered, each at its own moment; the caller may die in between. */
export function callThroughNetwork<T>(
  context: CallContext,
  instance: Instance,
  name: string,
  chooseCourse: () => Course<T>,
): Promise<T> {
  const { time, faults, random } = context;
  return instance.wait<T>((settle) => {
    if (!instance.alive()) return;
    if (context.observe(name, "before", time.now())) context.crash(instance, restartAfter);
    const pause = faults.strike(["pause"], time.now());
    if (pause !== undefined) instance.pauseUntil(time.now() + pause.seconds * 1000);
    const crash = faults.strike(["crashBeforeCall"], time.now());
    if (crash !== undefined) context.crash(instance, crash.seconds * 1000);
    if (!instance.alive()) return;
    const course = chooseCourse();
    const [shortest, longest] = course.latency;
    const left = time.now();
    const there = left + between(random, shortest, longest) + (course.late ?? 0);
    if (course.instead !== undefined) settle(left + course.instead.after, { error: course.instead.error });
    const effect = course.effect;
    if (effect === undefined) return;
    time.at(there, () => {
      const answer = effect();
      if (context.observe(name, "after", time.now())) context.crash(instance, restartAfter);
      const crashed = instance.alive() ? faults.strike(["crashAfterCall"], time.now()) : undefined;
      if (crashed !== undefined) context.crash(instance, crashed.seconds * 1000);
      if (course.instead === undefined) settle(there + between(random, shortest, longest), answer);
    });
  });
}
