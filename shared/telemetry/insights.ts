// The one file that knows OpenTelemetry. Imported only once telemetry is to be sent: the package takes hundreds of milliseconds to load.
import type { TokenCredential } from "@azure/identity";
import {
  type Attributes,
  type Context,
  context as contexts,
  DiagLogLevel,
  diag,
  metrics,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { logs, SeverityNumber } from "@opentelemetry/api-logs";
import { flushAzureMonitor, shutdownAzureMonitor, useAzureMonitor } from "applicationinsights";
import type { InsightsSettings } from "../settings/settings.ts";
import type { Backend } from "./backend.ts";
import { metrics as declared } from "./metric-names.ts";
import type { EventProperties } from "./telemetry.ts";
import type { TraceContext } from "./traceparent.ts";

const off = { enabled: false };

/** Milliseconds. Trouble with sending comes with every batch. */
const troubleEvery = 600_000;

/** The attribute by which the exporter tells a custom event from a log line (Azure docs: Add and modify OpenTelemetry, custom events). */
const customEvent = "microsoft.custom_event.name";

/**
 * Application Insights by `applicationinsights`. Everything that the package would do by itself is off: it could not patch what is inside a
 * bundle, and what it collects may hold more than ids.
 * @param credential for Entra authentication; without it the key in the connection string counts.
 * @param onTrouble told now and then while the package cannot send. What it would write to the console itself may hold answers and addresses.
 */
export function connectInsights(
  { connectionString, localEndpoint }: Omit<InsightsSettings, "identity">,
  credential: TokenCredential | null,
  onTrouble: () => void = () => undefined,
): Backend {
  useAzureMonitor({
    azureMonitorExporterOptions: {
      connectionString,
      ...(credential === null ? {} : { credential }),
      // In a connection string the package turns http into https.
      ...(localEndpoint === null ? {} : { host: localEndpoint, allowInsecureConnection: true }),
    },
    // Left alone, the package keeps 5 traces a second.
    samplingRatio: 1,
    tracesPerSecond: 0,
    enableTraceBasedSamplingForLogs: false,
    enableLiveMetrics: false,
    enableStandardMetrics: false,
    enablePerformanceCounters: false,
    enableAutoCollectPerformance: false,
    // It would change what an uncaught exception does to the process.
    enableAutoCollectExceptions: false,
    instrumentationOptions: {
      http: off,
      azureSdk: off,
      mongoDb: off,
      mySql: off,
      postgreSql: off,
      redis: off,
      redis4: off,
      bunyan: off,
      winston: off,
      console: off,
    },
  });
  tellTrouble(onTrouble);
  const logger = logs.getLogger("pim-cutoff");
  const tracer = trace.getTracer("pim-cutoff");
  const instruments = createInstruments();
  const open = new Map<string, Span>();

  return {
    event({ name, alarm, properties, at, context }) {
      logger.emit({
        timestamp: at,
        severityNumber: alarm ? SeverityNumber.ERROR : SeverityNumber.INFO,
        attributes: { [customEvent]: name, alarm, ...withoutNulls(properties) },
        context: contextOf(context),
      });
    },
    measure: (name, value, dimensions) => instruments.get(name)?.(value, { ...dimensions }),
    begin({ name, kind, parent, at }) {
      // A request without a name, if it were a CONSUMER.
      const spanKind = kind === "client" ? SpanKind.CLIENT : SpanKind.SERVER;
      const span = tracer.startSpan(name, { kind: spanKind, startTime: at }, contextOf(parent));
      const { traceId, spanId } = span.spanContext();
      open.set(spanId, span);
      return { traceId, spanId };
    },
    end({ spanId }, { properties, error, at }) {
      const span = open.get(spanId);
      open.delete(spanId);
      span?.setAttributes(withoutNulls(properties));
      const failure = error ?? failedStatus(properties);
      if (failure !== null) span?.setStatus({ code: SpanStatusCode.ERROR, message: failure });
      span?.end(at);
    },
    async close() {
      await flushAzureMonitor();
      await shutdownAzureMonitor();
    },
  };
}

/** In place of the package's own logger, which it has set by now. */
function tellTrouble(onTrouble: () => void): void {
  let toldAt = Number.NEGATIVE_INFINITY;
  const error = () => {
    const now = performance.now();
    if (now - toldAt < troubleEvery) return;
    toldAt = now;
    onTrouble();
  };
  const quiet = () => undefined;
  const logger = { error, warn: quiet, info: quiet, debug: quiet, verbose: quiet };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
}

type Measure = (value: number, attributes: Attributes) => void;

function createInstruments(): ReadonlyMap<string, Measure> {
  const meter = metrics.getMeter("pim-cutoff");
  return new Map(
    Object.entries(declared).map(([name, { kind, unit, meaning }]): [string, Measure] => {
      const options = { unit, description: meaning };
      if (kind === "counter") {
        const counter = meter.createCounter(name, options);
        return [name, (value, attributes) => counter.add(value, attributes)];
      }
      const histogram = meter.createHistogram(name, options);
      return [name, (value, attributes) => histogram.record(value, attributes)];
    }),
  );
}

function contextOf(known: TraceContext | undefined): Context {
  const root = contexts.active();
  return known === undefined
    ? root
    : trace.setSpanContext(root, { ...known, traceFlags: TraceFlags.SAMPLED, isRemote: true });
}

/** A call that was refused has failed, whatever the app makes of it (OpenTelemetry semantic conventions: HTTP spans). */
const failedStatus = ({ "http.response.status_code": status }: EventProperties): string | null =>
  typeof status === "number" && status >= 400 ? String(status) : null;

/** OpenTelemetry has no null; in Application Insights a property that is missing reads as empty. */
const withoutNulls = (properties: EventProperties): Attributes =>
  Object.fromEntries(Object.entries(properties).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
