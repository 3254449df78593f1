import type { Telemetry } from "./telemetry-parts.ts";

/** For whoever only looks, and tells what it found in another way. */
export const silentTelemetry: Telemetry = { event: () => undefined, alarm: () => undefined, measure: () => undefined };
