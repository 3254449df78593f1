import { createStoredReportPace } from "../audits/stored-report-pace.ts";
import { systemClock } from "../clock.ts";
import { createGraph } from "../graph/create-graph.ts";
import { createCredential } from "../graph/credential.ts";
import { createGraphClock } from "../graph/graph-clock.ts";
import { featuresOf, neededPermissions } from "../graph/permissions.ts";
import { createCallWatch } from "../graph/watch-calls.ts";
import { createAlarmNotices } from "../notify/alarm-notices.ts";
import { wantsAlarms } from "../notify/filter.ts";
import { signalsQueue, webhookQueue } from "../queue-names.ts";
import { deriveKeys } from "../secrets/derive-key.ts";
import type { Settings } from "../settings/settings.ts";
import type { ReadAudits } from "../signals/corroborate.ts";
import { connectStorage } from "../storage/connect-storage.ts";
import { createMessageSeal } from "../storage/message-seal.ts";
import { sealStorage } from "../storage/seal-storage.ts";
import { afterByTimer, countByMinute } from "../telemetry/count-by-minute.ts";
import { createTelemetry } from "../telemetry/create-telemetry.ts";
import { tracedQueue } from "../telemetry/traced-queue.ts";

export type Basis = ReturnType<typeof wireBasis>;

/** What all else stands on: telemetry, sealed storage, Graph, and the queue of signals. Nothing is sent before the first use. */
export function wireBasis(settings: Settings) {
  const clock = systemClock;
  const storage = connectStorage(settings.storage, (clientId) =>
    createCredential({ kind: "managedIdentity", clientId }),
  );
  const own = createTelemetry(settings.insights);
  const alarms = settings.notify?.channels.some(({ filter }) => wantsAlarms(filter))
    ? createAlarmNotices(own, storage.queue(webhookQueue), clock)
    : null;
  const telemetry = alarms?.telemetry ?? own;
  const sealed = sealStorage(storage, settings.secrets, { clock, telemetry });
  const { principals, state } = sealed;
  const signalSeal = createMessageSeal(signalsQueue, deriveKeys(settings.secrets, "message"), clock);
  const graph = createGraph({
    baseUrl: settings.graph.baseUrl,
    scope: settings.graph.scope,
    credential: createCredential(settings.credential),
    fetch: globalThis.fetch,
    clock,
    random: Math.random,
    reportPace: createStoredReportPace(state, clock),
    needed: neededPermissions(featuresOf(settings)),
    calls: createCallWatch(telemetry, telemetry),
  });
  const readAudits: ReadAudits = (query) => graph.readDirectoryAudits(query);
  return {
    settings,
    clock,
    telemetry,
    /** For what anybody can cause. */
    strangers: countByMinute(telemetry, afterByTimer),
    /** Hands on the alarms of this invocation to those who want to be told. */
    flushAlarms: async () => alarms?.flush(),
    queue: storage.queue,
    sealed,
    principals,
    state,
    graph,
    graphClock: createGraphClock(clock),
    readAudits,
    signals: tracedQueue(signalSeal.sealed(storage.queue(signalsQueue)), telemetry),
    /** Whether a message of the signals queue is the app's own, and not one that somebody else put there. */
    isOurs: signalSeal.isOurs,
  };
}
