import { randomUUID } from "node:crypto";
import { createCorroborator, createJoinedSince, type ReadAudits } from "./audit-log/questions.ts";
import { createStoredReportPace } from "./audit-log/shared-state.ts";
import { systemClock } from "./base/clock.ts";
import { createCredential } from "./base/credential.ts";
import { deriveKeys } from "./base/keys.ts";
import { defaultTimings } from "./detection/timings.ts";
import { resolveRoles } from "./enforcement/policy.ts";
import { createScopeReader } from "./enforcement/scope-reader.ts";
import { createControlStore } from "./enforcement/stop-and-resume.ts";
import { createThreshold } from "./enforcement/threshold.ts";
import { createGraph } from "./graph/create-graph.ts";
import { createGraphClock } from "./graph/graph.ts";
import { featuresOf, neededPermissions } from "./graph/permissions.ts";
import { createCallWatch } from "./graph/send.ts";
import { headRow } from "./model/load.ts";
import { auditedEnds } from "./model/pending-revocation.ts";
import { createKnownSubscriptions } from "./notifications/authenticate.ts";
import { createWarmUp, endpointsAt, type KeeperDependencies } from "./notifications/create-and-renew.ts";
import type { DeliveryDependencies } from "./notifications/receive.ts";
import { createDeliveryNotes, createEndNotices } from "./notifications/reliability.ts";
import { subscriptionTimings } from "./notifications/subscription-record.ts";
import { createTokenValidator } from "./notifications/validation-tokens.ts";
import { begin } from "./operators/start-up.ts";
import { createKnownMassExpiries } from "./reconcile/mass-expiry-store.ts";
import { createSignalWriter, jobMessage } from "./reconcile/messages.ts";
import { unitsPerSecond } from "./reconcile/refresh-members.ts";
import type { ResyncDependencies } from "./reconcile/resync.ts";
import { loadResync } from "./reconcile/resync-record.ts";
import type { Settings } from "./settings/settings.ts";
import { rememberSuccess } from "./storage/call-storage.ts";
import { connectStorage } from "./storage/connect.ts";
import { signalsQueue, tracedQueue, webhookQueue } from "./storage/queue.ts";
import { createMessageSeal } from "./storage/seal.ts";
import { sealStorage } from "./storage/sealed-table.ts";
import { createTelemetry } from "./telemetry/create-telemetry.ts";

/** Milliseconds: groups that are seen together are subscribed to together, the most privileged first. */
const gatherGroupsFor = 2000;

/** What watches and revokes: assignments, groups, policy, the threshold. */
export function wireCore(basis: Basis) {
  const { settings, clock, telemetry, graph, graphClock, principals, state, signals } = basis;
  const notices = createEndNotices(state, principals, telemetry);
  const stored = createControlStore(state);
  // Nobody asks whether to revoke before it is known what the settings were before these.
  const control = {
    ...stored,
    async read() {
      await begun();
      return stored.read();
    },
  };
  const dependencies: ResyncDependencies = {
    graph,
    graphClock,
    ...groupsOf(basis),
    principals,
    state,
    control,
    threshold: thresholdOf(basis),
    signals,
    ...(settings.notify === null ? {} : { notices: basis.queue(webhookQueue) }),
    massExpiries: createKnownMassExpiries(state, clock),
    waiting: new Set(),
    clock,
    newId: randomUUID,
    policy: settings.policy,
    ...scopeOf(basis),
    timings: defaultTimings,
    telemetry: notices.telemetry,
    resyncEvery: settings.resync.intervalMs,
  };
  const begun = rememberSuccess(() => begin(dependencies));
  return { dependencies, control, notices, begun };
}

function groupsOf({
  settings,
  clock,
  telemetry,
  graph,
  readAudits,
  signals,
}: Basis): Pick<ResyncDependencies, "groups"> {
  if (settings.watchedGroups === "none") return {};
  const onFirstRead = (groupId: string) => signals.send(jobMessage({ kind: "subscribe", groupId }), gatherGroupsFor);
  return {
    groups: {
      graph,
      watched: settings.watchedGroups,
      unitsPerSecond,
      joinedSince: createJoinedSince(readAudits, telemetry, clock),
      ...(settings.subscriptions === null ? {} : { onFirstRead }),
    },
  };
}

function thresholdOf({ settings, clock, telemetry, state, readAudits }: Basis): ResyncDependencies["threshold"] {
  const corroborate = createCorroborator(readAudits, clock);
  return createThreshold({
    state,
    limits: settings.threshold,
    watchedUsers: async () => (await loadResync(state)).record?.watchedUsers ?? 0,
    async corroborates(revocation, userId) {
      for (const { principalId, privilegeId } of auditedEnds(revocation, userId)) {
        if (await corroborate(principalId, privilegeId, revocation.cutOff)) return true;
      }
      return false;
    },
    clock,
    timings: defaultTimings,
    telemetry,
  });
}

/** Who and which roles are meant, where the settings name some. */
function scopeOf({
  settings,
  clock,
  telemetry,
  graph,
  state,
}: Basis): Pick<ResyncDependencies, "scope" | "enforcedRoles"> {
  const { enforcedRoles: roles, policy } = settings;
  const { included, excluded } = policy;
  const readListed = (ids: readonly string[]) => graph.readListed(ids);
  const people = { settings: { included, excluded }, state, readListed, clock, telemetry };
  return {
    ...(included === "all" && excluded.size === 0 ? {} : { scope: createScopeReader(people) }),
    ...(roles === "all" ? {} : { enforcedRoles: () => resolveRoles(roles, graph.roleNames, telemetry) }),
  };
}

type Basis = ReturnType<typeof wireBasis>;

/** What all else stands on: telemetry, sealed storage, Graph, and the queue of signals. Nothing is sent before the first use. */
export function wireBasis(settings: Settings) {
  const clock = systemClock;
  const storage = connectStorage(settings.storage, (clientId) =>
    createCredential({ kind: "managedIdentity", clientId }),
  );
  const telemetry = createTelemetry(settings.insights);
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

/** What keeps Graph notifying us, and what takes in its notifications. */
export function wireSubscriptions({
  settings,
  clock,
  telemetry,
  graph,
  graphClock,
  principals,
  state,
  signals,
}: Basis) {
  const { subscriptions, watchedGroups } = settings;
  const keys = deriveKeys(settings.secrets, "client-state");
  const keeper: KeeperDependencies = {
    graph,
    graphClock,
    principals,
    state,
    signals,
    clock,
    newId: randomUUID,
    telemetry,
    keys,
    endpoints: subscriptions === null ? null : endpointsAt(subscriptions.baseUrl),
    beyondQuota: subscriptions?.beyondQuota ?? "poll",
    watched: watchedGroups === "none" ? null : watchedGroups,
    tenantId: settings.tenantId,
    warmUp: createWarmUp(globalThis.fetch),
    timings: subscriptionTimings,
  };
  const deliveries: DeliveryDependencies = {
    known: createKnownSubscriptions(state, clock),
    keys,
    writeSignals: createSignalWriter(signals, clock),
    validateTokens: createTokenValidator({
      authority: settings.graph.authority,
      fetch: globalThis.fetch,
      now: () => graphClock.now(),
    }),
    isKnown: async (principalId) => (await principals.get(principalId, headRow)).value !== undefined,
    noteDeliveries: createDeliveryNotes(state, clock, telemetry),
    graphClock,
    telemetry,
  };
  return { keeper, deliveries };
}
