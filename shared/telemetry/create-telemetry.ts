import { AsyncLocalStorage } from "node:async_hooks";
import { createCredential } from "../base/credential.ts";
import type { InsightsSettings } from "../settings/settings.ts";
import { codeOf, redactProperties, redactStepName } from "./redact.ts";
import {
  type Backend,
  formatTraceparent,
  type LogSink,
  log,
  logBackend,
  logTelemetry,
  newTraceContext,
  parseTraceparent,
  type RecordedEvent,
  type Telemetry,
  type TraceContext,
  type Tracing,
  untraced,
} from "./telemetry.ts";

interface AppTelemetry extends Telemetry, Tracing {
  /** Sends the telemetry that is left. Called when the process is about to end. */
  close(): Promise<void>;
}

/** Application Insights, loaded once the first work is done; without a connection string log lines. */
export function createTelemetry(insights: InsightsSettings | null): AppTelemetry {
  if (insights === null) {
    return redactingTelemetry({ ...logTelemetry(log), ...untraced, close: async () => undefined });
  }
  const { identity } = insights;
  const telemetry = createDeferredTelemetry({
    async load() {
      // A file of its own in the bundle: see local/build/bundle-app.ts.
      const { connectInsights } = await import("./insights.ts");
      const credential = identity === null ? null : createCredential({ kind: "managedIdentity", ...identity });
      return connectInsights(insights, credential, () => logTelemetry(log).alarm("telemetryUnsent", {}));
    },
    now: Date.now,
    log,
  });
  telemetry.start();
  return redactingTelemetry(telemetry);
}

/**
 * Everything that the app records passes here, on its way to the log and to Application Insights alike: `redact.ts` replaces every text that may not
 * leave the app. Errors that are thrown to the host pass `safe-errors.ts`.
 */
export const redactingTelemetry = (telemetry: AppTelemetry): AppTelemetry => ({
  event: (name, properties) => telemetry.event(name, redactProperties(properties)),
  alarm: (name, properties) => telemetry.alarm(name, redactProperties(properties)),
  measure: (name, value, dimensions = {}) => telemetry.measure(name, value, redactProperties(dimensions)),
  step: (name, options, work) =>
    telemetry.step(
      redactStepName(name),
      options.properties === undefined ? options : { ...options, properties: redactProperties(options.properties) },
      ({ set }) => work({ set: (properties) => set(redactProperties(properties)) }),
    ),
  traceparent: () => telemetry.traceparent(),
  close: () => telemetry.close(),
});

/** Milliseconds after the start at which the backend is loaded even if no work has ended yet. */
const loadAfter = 5000;

/** Milliseconds after the end of the first work: the host has its answer by then. */
const afterWork = 50;

/** Number of records kept for a backend that is not loaded yet: far more than five seconds bring. Beyond it the oldest are lost. */
const mostKept = 20_000;

interface DeferredOptions {
  /** Loads the backend; called once. */
  readonly load: () => Promise<Backend>;
  /** This machine's time, epoch milliseconds. */
  readonly now: () => number;
  readonly log: LogSink;
}

interface DeferredTelemetry extends Telemetry, Tracing {
  /** Loads the backend after `loadAfter` if the end of the first work has not done so before. */
  start(): void;
  /** Sends the telemetry that is left. Called when the process is about to end. */
  close(): Promise<void>;
}

/** One step, from the moment it begins; its backend may know it later under another id. */
interface OpenStep {
  /** The id of the step in messages and events until the backend has begun the step. */
  readonly provisional: TraceContext;
  begun: TraceContext | undefined;
}

/**
 * Telemetry for a backend whose package takes too long to load for a cold start: it is loaded after the first work is done, and gets the earlier
 * records in their order and with their times. Alarms are log lines as well, so that they are seen even when the backend is not.
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

  function record(event: Pick<RecordedEvent, "name" | "alarm" | "properties">): void {
    const step = current.getStore();
    const at = now();
    act((ready) => ready.event({ ...event, at, context: step && contextOf(step) }));
  }

  return {
    event: (name, properties) => record({ name, alarm: false, properties }),
    alarm(name, properties) {
      lines.alarm(name, properties);
      record({ name, alarm: true, properties });
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
