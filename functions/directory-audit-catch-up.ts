import type { App } from "../shared/app.ts";
import type { HostApp } from "./host-app.ts";

/** The timer that reads new rows of Graph's audit log every half minute. Rows appear there minutes after the end that they report. */
export const registerDirectoryAuditCatchUp = (host: HostApp, cutoff: App): void =>
  host.timer("directoryAuditCatchUp", { schedule: "*/30 * * * * *", handler: () => cutoff.catchUp() });
