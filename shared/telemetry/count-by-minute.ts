import type { EventName } from "./names.ts";
import type { EventProperties, Telemetry } from "./telemetry.ts";

const minute = 60_000;

/** Calls `work` after a number of milliseconds. */
export type After = (ms: number, work: () => void) => void;

/** Node's timer, which does not keep the process alive. */
export const afterByTimer: After = (ms, work) => void setTimeout(work, ms).unref();

export interface CountByMinute extends Pick<Telemetry, "event"> {
  /** Records the counts that are still open. Called when the process is about to end. */
  flush(): void;
}

/** The events of one kind since the last one that was recorded. */
interface Count {
  readonly name: EventName;
  readonly properties: Readonly<Record<string, string | number | boolean | null>>;
  readonly count: number;
}

/**
 * For events that anybody on the internet can cause, since each of them costs money and hides others. The first event of a kind is recorded at once.
 * All that follow within a minute become one event at its end, with their numbers added up. Its `count` is the number of events that it stands for;
 * the alert rules add it up. A kind is a name with the properties that are not numbers: their values must come from a small set, never from a caller.
 */
export function countByMinute(telemetry: Pick<Telemetry, "event">, after: After): CountByMinute {
  /** Open counts by kind; null when nothing came since the last record. */
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
