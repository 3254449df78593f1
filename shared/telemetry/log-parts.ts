import type { LogSink } from "./log-telemetry.ts";

/** The app's log: the host takes over what is written to the console. Nothing else of the app writes to it. */
export const log: LogSink = { info: (line) => console.log(line), error: (line) => console.error(line) };
