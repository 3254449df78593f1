// The entry point that the host loads: reads the settings, wires the app, registers its functions. With invalid settings only `live` is registered.

import { app } from "@azure/functions";
import { createApp } from "../shared/app.ts";
import { endOnUncaught, toSafeError } from "../shared/safe-errors.ts";
import { formatProblems, readProcessSettings } from "../shared/settings/read.ts";
import { redactSentence } from "../shared/telemetry/redact.ts";
import { log } from "../shared/telemetry/telemetry.ts";
import { registerDirectoryAuditCatchUp } from "./directory-audit-catch-up.ts";
import { registerDirectoryAuditStream } from "./directory-audit-stream.ts";
import { registerHealth } from "./health.ts";
import { registerHeartbeat } from "./heartbeat.ts";
import { withSafeHeaders } from "./host-app.ts";
import { registerLifecycle } from "./lifecycle.ts";
import { registerLive } from "./live.ts";
import { registerNotifications } from "./notifications.ts";
import { registerOperations } from "./operations.ts";
import { registerPrincipals } from "./principals.ts";
import { registerPrincipalsPoison } from "./principals-poison.ts";
import { registerResync } from "./resync.ts";
import { registerStatus } from "./status.ts";
import { registerWebhook } from "./webhook.ts";

const host = withSafeHeaders(app);
endOnUncaught(process, log);
app.hook.postInvocation((context) => {
  if (context.error !== undefined && context.error !== null) context.error = toSafeError(context.error);
});
try {
  start();
} catch (error) {
  // A failed start still blocks the whole app. The host logs this error, so it must be safe to log.
  throw toSafeError(error);
}

function start(): void {
  const read = readProcessSettings();
  registerLive(host, read.ok);
  if (!read.ok) {
    log.error(formatProblems(read.problems.map((one) => ({ ...one, found: redactSentence(one.found) }))));
    return;
  }
  const cutoff = createApp(read.settings);
  registerDirectoryAuditCatchUp(host, cutoff);
  if (read.settings.auditStream !== null) registerDirectoryAuditStream(host, cutoff, read.settings.auditStream);
  registerHealth(host, cutoff);
  registerOperations(host, cutoff);
  if (read.settings.subscriptions !== null) {
    registerNotifications(host, cutoff);
    registerLifecycle(host, cutoff);
  }
  registerPrincipals(host, cutoff);
  registerPrincipalsPoison(host, cutoff);
  registerResync(host, cutoff, read.settings.resync.schedule);
  registerHeartbeat(host, cutoff);
  registerStatus(host, cutoff);
  registerWebhook(host, cutoff);
  app.hook.appTerminate(() => cutoff.close());
}
