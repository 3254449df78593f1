import { createCredential } from "../graph/credential.ts";
import type { InsightsSettings } from "../settings/settings.ts";
import { createDeferredTelemetry } from "./deferred-telemetry.ts";
import { log } from "./log.ts";
import { logTelemetry } from "./log-telemetry.ts";
import { redactingTelemetry } from "./redacting-telemetry.ts";
import type { Telemetry } from "./telemetry.ts";
import { type Tracing, untraced } from "./tracing.ts";

export interface AppTelemetry extends Telemetry, Tracing {
  /** Sends what is left. The process is about to end. */
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
