import type { AppTelemetry } from "./create-telemetry-parts.ts";
import { redactProperties, redactStepName } from "./redact.ts";

/**
 * The one way of everything that the app tells, to the log and to Application Insights alike: what `redact.ts` does not let pass goes no
 * further. What is thrown goes by `safe-errors.ts`.
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
