import type { App } from "../shared/app.ts";
import type { HostApp } from "./host-app.ts";

/** The timer that starts a resync. */
export const registerResync = (host: HostApp, cutoff: App, schedule: string): void =>
  host.timer("resync", { schedule, handler: () => cutoff.resync() });
