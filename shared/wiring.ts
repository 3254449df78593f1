import { createHmac, randomUUID } from "node:crypto";
import { createCorroborator, createJoinedSince, createReasonReader, type ReadAudits } from "./audit-log/corroborate.ts";
import { createStoredReportPace } from "./audit-log/shared-state.ts";
import { systemClock } from "./base/clock.ts";
import { createCredential } from "./base/credential.ts";
import { deriveKeys } from "./base/keys.ts";
import { defaultTimings } from "./detection/cadences.ts";
import { enforcementOf, noteEnforcement } from "./enforcement/changed-settings.ts";
import { resolveRoles } from "./enforcement/policy.ts";
import { createScopeReader } from "./enforcement/scope-reader.ts";
import { createControlStore } from "./enforcement/stop-and-resume.ts";
import { createThreshold } from "./enforcement/threshold.ts";
import { createGraph } from "./graph/create-graph.ts";
import { createGraphClock } from "./graph/instants-and-ids.ts";
import { featuresOf, neededPermissions } from "./graph/permissions.ts";
import { createCallWatch } from "./graph/send.ts";
import { headRow } from "./model/load-and-commit.ts";
import { auditedEnds } from "./model/pending-revocation.ts";
import { createKnownSubscriptions, createTokenValidator } from "./notifications/authenticate.ts";
import { createWarmUp, endpointsAt, type KeeperDependencies } from "./notifications/create-and-renew.ts";
import type { DeliveryDependencies } from "./notifications/receive.ts";
import { createDeliveryNotes, createEndNotices } from "./notifications/reliability.ts";
import { subscriptionTimings } from "./notifications/subscription-record.ts";
import { createSignalWriter } from "./notifications/to-messages.ts";
import { createChannel, createPost, type Ways } from "./notify/channel.ts";
import type { SendMail } from "./notify/mail.ts";
import { createAlarmNotices, wantsAlarms } from "./notify/news.ts";
import { createLanes, createWakeUps, type NotifyDependencies, type PersonDependencies } from "./notify/send.ts";
import { begin } from "./operators/start-up.ts";
import type { CoreDependencies } from "./reconcile/dependencies.ts";
import { unitsPerSecond, watchedAmong } from "./reconcile/heads.ts";
import { createKnownMassExpiries } from "./reconcile/mass-expiry-store.ts";
import { jobMessage } from "./reconcile/messages.ts";
import { readPolicy } from "./reconcile/pass.ts";
import type { ResyncDependencies } from "./reconcile/resync.ts";
import { loadResync } from "./reconcile/resync.ts";
import type { Settings } from "./settings/settings.ts";
import { rememberSuccess } from "./storage/call-storage.ts";
import { connectStorage } from "./storage/connect.ts";
import { signalsQueue, tracedQueue, webhookQueue } from "./storage/queue.ts";
import { createMessageSeal } from "./storage/seal.ts";
import { sealStorage } from "./storage/sealed-table.ts";
import { createTelemetry } from "./telemetry/create-telemetry.ts";
import { afterByTimer, countByMinute } from "./telemetry/telemetry.ts";

/** Milliseconds: groups that are seen together are subscribed to together, the most privileged first. */
const gatherGroupsFor = 2000;

/** The parts that detect ends and revoke: privileges, groups, policy, the threshold. */
export function wireCore(basis: Basis) {
  const { settings, clock, telemetry, graph, graphClock, principals, state, signals } = basis;
  const notices = createEndNotices(state, principals, telemetry);
  const stored = createControlStore(state);
  // Every decision to revoke first waits until the previous settings are known, so that a weakening is noticed.
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
    ...(settings.notify?.person?.before == null ? {} : { mailBefore: settings.notify.person.before }),
    massExpiries: createKnownMassExpiries(state, clock),
    waiting: new Set(),
    clock,
    newId: randomUUID,
    policy: settings.policy,
    ...scopeOf(basis),
    timings: defaultTimings,
    telemetry: notices.telemetry,
    resyncEvery: settings.resync.intervalMs,
    headMemory: { known: [], heads: new Map() },
  };
  const begun = rememberSuccess(async () => {
    await begin(dependencies);
    await noteEnforcement(state, enforcementOf(settings), telemetry);
  });
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
    watchedUsers: async () => (await loadResync(state)).content?.watchedUsers ?? 0,
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

/** Readers of the users, groups and roles that the settings name. */
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

/** The parts that all others use: telemetry, sealed storage, Graph, and the queue of signals. Nothing is sent before the first use. */
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
    /** For events that anybody on the internet can cause. */
    strangers: countByMinute(telemetry, afterByTimer),
    /** Sends the alarms of this invocation to the channels that want alarms. */
    flushAlarms: async () => alarms?.flush(),
    queue: storage.queue,
    sealed,
    principals,
    state,
    graph,
    graphClock: createGraphClock(clock),
    readAudits,
    signals: tracedQueue(signalSeal.sealed(storage.queue(signalsQueue)), telemetry),
    /** Whether the app itself sent a message of the signals queue, recently. */
    isOurs: signalSeal.isOurs,
  };
}

/** The parts that keep the subscriptions to Graph's notifications, and that receive these. */
export function wireSubscriptions({
  settings,
  clock,
  telemetry,
  strangers,
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
    writeSignals: createSignalWriter(signals),
    validateTokens: createTokenValidator({
      authority: settings.graph.authority,
      fetch: globalThis.fetch,
      now: () => graphClock.now(),
      monotonic: clock.monotonic,
    }),
    isKnown: async (principalId) => (await principals.get(principalId, headRow)).value !== undefined,
    watchedAmong: (groupIds) => watchedAmong(groupIds, principals),
    noteDeliveries: createDeliveryNotes(state, clock, telemetry),
    graphClock,
    telemetry,
    strangers,
    step: (name, options, work) => telemetry.step(name, options, work),
  };
  return { keeper, deliveries };
}

/** The parts that send outcomes and alarms to the receivers of the settings; null when there are none. */
export function wireNotify(basis: Basis, core: CoreDependencies): NotifyDependencies | null {
  const { settings, principals, state, graph, readAudits, clock, telemetry, queue } = basis;
  const { notify, secrets } = settings;
  if (notify === null) return null;
  const { current } = deriveKeys(secrets, "webhook");
  const mailBy = lazyMail(() => createCredential(settings.credential));
  const ways = {
    markUrl: (url: string) => createHmac("sha256", current).update(url).digest("hex").slice(0, 16),
    postTo: (url: string) => createPost(url, globalThis.fetch),
    mailBy,
    newId: randomUUID,
  };
  return {
    principals,
    state,
    notices: queue(webhookQueue),
    channels: notify.channels.map((channel) => createChannel(channel, ways)),
    person: wirePerson(basis, core, mailBy),
    directory: graph,
    showNames: notify.showNames,
    readReason: notify.showJustification ? createReasonReader(readAudits, clock) : null,
    cloud: settings.graph.cloud,
    lanes: createLanes(clock),
    wakeUps: createWakeUps(clock),
    clock,
    random: Math.random,
    telemetry,
  };
}

function wirePerson(
  { settings, graph, graphClock }: Basis,
  core: CoreDependencies,
  mailBy: Ways["mailBy"],
): PersonDependencies | null {
  const person = settings.notify?.person ?? null;
  if (person === null) return null;
  return {
    settings: person,
    sendMail: mailBy(person.mail),
    readRecipients: (userId, kind) => graph.readRecipients(userId, kind),
    readUser: async (principalId) => (await graph.readPrincipal(principalId)).value.user,
    readPolicy: () => readPolicy(core),
    isStopped: async () => (await core.control.read()).stopped,
    graphClock,
  };
}

/** Loads the mail client, a file of its own in the bundle: see local/build/bundle-app.ts. All mails use one resource, and so one client. */
function lazyMail(credential: () => ReturnType<typeof createCredential>): Ways["mailBy"] {
  let connected: Promise<SendMail> | undefined;
  return (mail) => async (message) => {
    connected ??= import("./notify/mail-client.ts").then(({ connectMail }) => connectMail(mail, credential()));
    return (await connected)(message);
  };
}
