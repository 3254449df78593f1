import type { App } from "../shared/app.ts";
import type { HostApp } from "./host-app.ts";

/** The timer that reads on in Graph's audit log, every half minute: rows appear there minutes after what they report. */
export const registerDirectoryAuditCatchUp = (host: HostApp, cutoff: App): void =>
  host.timer("directoryAuditCatchUp", { schedule: "*/30 * * * * *", handler: () => cutoff.catchUp() });
