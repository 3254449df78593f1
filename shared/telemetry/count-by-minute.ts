import type { EventName } from "./names.ts";
import type { EventProperties, Telemetry } from "./telemetry.ts";

const minute = 60_000;

/** Calls `work` after so many milliseconds. */
export type After = (ms: number, work: () => void) => void;

/** Node's timer, for which no process stays alive. */
export const afterByTimer: After = (ms, work) => void setTimeout(work, ms).unref();

export interface CountByMinute extends Pick<Telemetry, "event"> {
  /** Tells what is counted and not said yet. The process is about to end. */
  flush(): void;
}

/** What came since this kind was last told. */
interface Count {
  readonly name: EventName;
  readonly properties: Readonly<Record<string, string | number | boolean | null>>;
  readonly count: number;
}

/**
 * For events that anybody on the internet can cause, since each of them costs money and hides others. The first of a kind is told at once; what
 * follows within a minute is one event at its end, with its numbers added up. `count` says how many it stands for; the alert rules add it up. A kind is a name with the
 * properties that are no numbers: those must be a few words, never something that a caller makes up.
 */
export function countByMinute(telemetry: Pick<Telemetry, "event">, after: After): CountByMinute {
  /** By kind; null when nothing came since it was reported. */
  const minutes = new Map<string, Count | null>();

  const report = ({ name, properties, count }: Count) => telemetry.event(name, { ...properties, count });

  function end(kind: string): void {
    const count = minutes.get(kind) ?? null;
    if (count === null) {
      minutes.delete(kind);
      return;
    }
    report(count);
    begin(kind);
  }

  function begin(kind: string): void {
    minutes.set(kind, null);
    after(minute, () => end(kind));
  }

  return {
    event(name, properties) {
      const kind = JSON.stringify([name, Object.entries(properties).filter(([, value]) => typeof value !== "number")]);
      const one = { name, properties, count: 1 };
      const soFar = minutes.get(kind);
      if (soFar !== undefined) {
        minutes.set(kind, soFar === null ? one : sum(soFar, one));
        return;
      }
      report(one);
      begin(kind);
    },
    flush() {
      for (const [kind, count] of minutes) {
        if (count !== null) report(count);
        minutes.set(kind, null);
      }
    },
  };
}

const sum = (a: Count, b: Count): Count => ({
  name: a.name,
  properties: add(a.properties, b.properties),
  count: a.count + b.count,
});

const add = (a: EventProperties, b: EventProperties): EventProperties =>
  Object.fromEntries(
    Object.entries(a).map(([name, value]) => {
      const other = b[name];
      return [name, typeof value === "number" && typeof other === "number" ? value + other : value];
    }),
  );
