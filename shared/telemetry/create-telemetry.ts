import { AsyncLocalStorage } from "node:async_hooks";
import type { Backend, ToldEvent } from "./log.ts";
import { type LogSink, logBackend, logTelemetry } from "./log-telemetry.ts";
import { codeOf } from "./redact.ts";
import type { Tracing } from "./telemetry.ts";
import type { Telemetry } from "./telemetry-parts.ts";
import { formatTraceparent, newTraceContext, parseTraceparent, type TraceContext } from "./traceparent.ts";

/** Milliseconds after the start at which the backend is loaded even if no work has ended yet. */
const loadAfter = 5000;

/** Milliseconds after the end of the first work: the host has its answer by then. */
const afterWork = 50;

/** What is kept for a backend that is not there yet. Far more than five seconds bring; beyond it the oldest is lost. */
const mostKept = 20_000;

export interface DeferredOptions {
  /** Loads the backend; called once. */
  readonly load: () => Promise<Backend>;
  /** This machine's time, epoch milliseconds. */
  readonly now: () => number;
  readonly log: LogSink;
}

export interface DeferredTelemetry extends Telemetry, Tracing {
  /** Loads the backend in so many milliseconds if nothing has done so before. */
  start(): void;
  /** Sends what is left. The process is about to end. */
  close(): Promise<void>;
}

/** One step, from the moment it begins; its backend may know it later under another id. */
interface OpenStep {
  /** What messages and events name as their step until the backend has begun it. */
  readonly provisional: TraceContext;
  begun: TraceContext | undefined;
}

/**
 * Telemetry for a backend whose package takes too long to load for a cold start: it is loaded after the first work is done, and gets what has
 * happened before in its order and with its times. Alarms are log lines as well, so that they are seen even when the backend is not.
 */
export function createDeferredTelemetry({ load, now, log }: DeferredOptions): DeferredTelemetry {
  const current = new AsyncLocalStorage<OpenStep>();
  let kept: ((backend: Backend) => void)[] = [];
  let backend: Backend | null = null;
  let loading: Promise<void> | null = null;
  const lines = logTelemetry(log);

  function act(action: (backend: Backend) => void): void {
    if (backend !== null) {
      action(backend);
      return;
    }
    if (kept.length === mostKept) kept.shift();
    kept.push(action);
  }

  function connect(): Promise<void> {
    loading ??= load()
      .catch((error: unknown) => {
        lines.alarm("telemetryUnavailable", { code: codeOf(error) });
        return logBackend(log);
      })
      .then((loaded) => {
        for (const action of kept) action(loaded);
        kept = [];
        backend = loaded;
      });
    return loading;
  }

  const connectIn = (milliseconds: number) => void setTimeout(() => void connect(), milliseconds).unref();

  function tell(told: Pick<ToldEvent, "name" | "alarm" | "properties">): void {
    const step = current.getStore();
    const at = now();
    act((ready) => ready.event({ ...told, at, context: step && contextOf(step) }));
  }

  return {
    event: (name, properties) => tell({ name, alarm: false, properties }),
    alarm(name, properties) {
      lines.alarm(name, properties);
      tell({ name, alarm: true, properties });
    },
    measure: (name, value, dimensions = {}) => act((ready) => ready.measure(name, value, dimensions)),
    traceparent() {
      const step = current.getStore();
      return step && formatTraceparent(contextOf(step));
    },
    async step(name, { kind, parent, properties = {} }, work) {
      const outer = current.getStore();
      const given = parseTraceparent(parent);
      const provisional = outer?.provisional ?? given ?? newTraceContext();
      const step: OpenStep = { provisional, begun: undefined };
      const isRoot = outer === undefined && given === undefined && backend !== null;
      const at = now();
      act((ready) => {
        const parentContext = isRoot ? undefined : outer === undefined ? provisional : contextOf(outer);
        step.begun = ready.begin({ name, kind, parent: parentContext, at });
      });
      const said: Record<string, string | number | boolean | null> = { ...properties };
      const end = (error: string | null) => {
        const endedAt = now();
        act((ready) => step.begun && ready.end(step.begun, { properties: said, error, at: endedAt }));
      };
      try {
        const result = await current.run(step, () => work({ set: (more) => void Object.assign(said, more) }));
        end(null);
        return result;
      } catch (error) {
        end(codeOf(error));
        throw error;
      } finally {
        if (outer === undefined && loading === null) connectIn(afterWork);
      }
    },
    start: () => connectIn(loadAfter),
    async close() {
      await connect();
      await backend?.close();
    },
  };
}

const contextOf = ({ begun, provisional }: OpenStep): TraceContext => begun ?? provisional;
