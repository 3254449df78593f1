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
import { metrics as declared } from "./names.ts";
import type { Backend, EventProperties, TraceContext } from "./telemetry.ts";

const off = { enabled: false };

/** Milliseconds between two reports of trouble with sending: each batch that fails would otherwise bring one. */
const troubleEvery = 600_000;

/** The attribute by which the exporter distinguishes a custom event from a log line (Azure docs: Add and modify OpenTelemetry, custom events). */
const customEvent = "microsoft.custom_event.name";

/**
 * Application Insights by `applicationinsights`. Everything that the package would do by itself is off: it cannot patch modules inside a
 * bundle, and the data that it collects may hold more than ids.
 * @param credential for Entra authentication; without it the package uses the key in the connection string.
 * @param onTrouble called now and then while the package cannot send. The package's own console lines are dropped, since they may hold answers and
 * addresses.
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
    // By default the package keeps only 5 traces a second.
    samplingRatio: 1,
    tracesPerSecond: 0,
    enableTraceBasedSamplingForLogs: false,
    enableLiveMetrics: false,
    enableStandardMetrics: false,
    enablePerformanceCounters: false,
    enableAutoCollectPerformance: false,
    // The package's own handler would change how an uncaught exception ends the process.
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
  reportTrouble(onTrouble);
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
      // As a CONSUMER the request would have no name in Application Insights.
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

/** Replaces the package's own logger, which the package has set by now. */
function reportTrouble(onTrouble: () => void): void {
  let notifiedAt = Number.NEGATIVE_INFINITY;
  const error = () => {
    const now = performance.now();
    if (now - notifiedAt < troubleEvery) return;
    notifiedAt = now;
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

/** A refused call counts as failed, even if the app expected the refusal (OpenTelemetry semantic conventions: HTTP spans). */
const failedStatus = ({ "http.response.status_code": status }: EventProperties): string | null =>
  typeof status === "number" && status >= 400 ? String(status) : null;

/** OpenTelemetry has no null; in Application Insights a property that is missing reads as empty. */
const withoutNulls = (properties: EventProperties): Attributes =>
  Object.fromEntries(Object.entries(properties).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
