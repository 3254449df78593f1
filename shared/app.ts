import { randomUUID } from "node:crypto";
import { attend } from "./assignments/attend.ts";
import { createKnownRushes } from "./assignments/known-rushes.ts";
import { headRow } from "./assignments/principal-rows.ts";
import { revivePulse, takePulse } from "./assignments/pulse.ts";
import { type ResyncDependencies, resync } from "./assignments/resync.ts";
import { loadResync } from "./assignments/resync-record.ts";
import { asHint, parseRush, parseSignal } from "./assignments/signal.ts";
import { takeRush } from "./assignments/take-rush.ts";
import { defaultTimings } from "./assignments/timings.ts";
import { catchUpHealth, streamHealth } from "./audits/audit-health.ts";
import { createAuditMemory } from "./audits/audit-memory.ts";
import { type CatchUpDependencies, catchUp, catchUpIfLate, catchUpTold, overlap } from "./audits/catch-up.ts";
import { createStoredReportPace } from "./audits/stored-report-pace.ts";
import { type StreamDependencies, takeStream } from "./audits/take-stream.ts";
import { systemClock } from "./clock.ts";
import { createGraph } from "./graph/create-graph.ts";
import { createCredential } from "./graph/credential.ts";
import { createGraphClock } from "./graph/graph-clock.ts";
import { neededPermissions } from "./graph/permissions.ts";
import { createCallWatch } from "./graph/watch-calls.ts";
import { unitsPerSecond } from "./groups/read-budget.ts";
import { begin } from "./operations/begin.ts";
import { checkSettings } from "./operations/check-settings.ts";
import { parkDeadLetter } from "./operations/dead-letters.ts";
import { type Health, readHealth } from "./operations/health.ts";
import { type Operated, operate } from "./operations/operate.ts";
import type { Operation } from "./operations/read-operation.ts";
import { type Authorize, createAuthorize } from "./operators/authorize.ts";
import type { Operator } from "./operators/operator.ts";
import { createTokenVerifier } from "./operators/verify-token.ts";
import { pulsesQueue, signalsQueue, webhookQueue } from "./queue-names.ts";
import { createPurge } from "./retention/purge.ts";
import { auditedEnds } from "./revocation/audited-end.ts";
import { createControlStore } from "./revocation/control.ts";
import { resolveRoles } from "./revocation/enforced-roles.ts";
import { createScopeReader } from "./revocation/scope-reader.ts";
import { createThreshold } from "./revocation/threshold.ts";
import { deriveKeys } from "./secrets/derive-key.ts";
import { featuresOf } from "./settings/features.ts";
import type { Settings } from "./settings/settings.ts";
import { createCorroborator, type ReadAudits } from "./signals/corroborate.ts";
import type { DeliveryAnswer, DeliveryRequest } from "./signals/delivery.ts";
import { errandMessage, parseErrand } from "./signals/errand.ts";
import { createJoinedSince } from "./signals/joined-since.ts";
import { measureSources } from "./signals/measure-sources.ts";
import { type DeliveryDependencies, receiveLifecycle, receiveNotifications } from "./signals/receive-delivery.ts";
import { type ErrandWork, runErrand } from "./signals/run-errand.ts";
import { createSignalWriter } from "./signals/signal-writer.ts";
import { createTokenValidator } from "./signals/validation-tokens.ts";
import { readStatus } from "./status/read-status.ts";
import type { Status } from "./status/status.ts";
import { connectStorage } from "./storage/connect-storage.ts";
import { createMessageSeal } from "./storage/message-seal.ts";
import { rememberSuccess } from "./storage/remember-success.ts";
import { sealStorage } from "./storage/seal-storage.ts";
import { createDeliveryNotes } from "./subscriptions/deliveries.ts";
import { createWarmUp, endpointsAt } from "./subscriptions/endpoints.ts";
import { type KeeperDependencies, keepSubscriptions, subscribeToNew } from "./subscriptions/keep-subscriptions.ts";
import { createKnownSubscriptions } from "./subscriptions/known-subscriptions.ts";
import { createEndNotices } from "./subscriptions/notice-ends.ts";
import { subscriptionHealth } from "./subscriptions/subscription-health.ts";
import { subscriptionTimings } from "./subscriptions/subscription-timings.ts";
import { createTelemetry } from "./telemetry/create-telemetry.ts";
import { tracedQueue, traceparentOf } from "./telemetry/traced-queue.ts";
import { runUpkeep } from "./upkeep.ts";
import { deliverNotice } from "./webhook/deliver.ts";
import { createPostWebhook } from "./webhook/post-webhook.ts";
import { parkPoison } from "./webhook/undelivered.ts";

/** What the functions call: one use case per trigger. */
export interface App {
  /** A message of the signals queue. */
  attend(message: unknown): Promise<void>;
  /** The resync timer. */
  resync(): Promise<void>;
  /** A message of the pulse queue. */
  pulse(message: unknown): Promise<void>;
  /** The timer that reads on in Graph's audit log. */
  catchUp(): Promise<void>;
  /** A batch of the event hub that Entra's audit log is sent to. */
  takeStream(messages: readonly unknown[]): Promise<void>;
  /** A message of the webhook's queue, and one that the host gave up on; null when no webhook is set. */
  readonly webhook: {
    deliver(message: unknown): Promise<void>;
    park(message: unknown, messageId: string): Promise<void>;
  } | null;
  /** A message of the signals queue that the host gave up on. */
  park(message: unknown, messageId: string): Promise<void>;
  /** What Graph posts to our two addresses. */
  notifications(request: DeliveryRequest): Promise<DeliveryAnswer>;
  lifecycle(request: DeliveryRequest): Promise<DeliveryAnswer>;
  health(): Promise<Health>;
  /** What the status page shows. */
  status(): Promise<Status>;
  /** Whether a caller may do what needs this app role, and who it is. */
  readonly authorize: Authorize;
  /** An operator's order, already read. */
  operate(operation: Operation, operator: Operator): Promise<Operated>;
  /** Sends the telemetry that is left. The process is about to end. */
  close(): Promise<void>;
}

/** Milliseconds: groups that are seen together are subscribed to together, the most privileged first. */
const gatherGroupsFor = 2000;

/** The composition root: settings in, use cases out. Nothing is sent before the first use. */
export function createApp(settings: Settings): App {
  const clock = systemClock;
  const storage = connectStorage(settings.storage, (clientId) =>
    createCredential({ kind: "managedIdentity", clientId }),
  );
  const telemetry = createTelemetry(settings.insights);
  const sealed = sealStorage(storage, settings.secrets, { clock, telemetry });
  const { principals, state } = sealed;
  const notices = createEndNotices(state, principals, telemetry);
  const signalSeal = createMessageSeal(signalsQueue, deriveKeys(settings.secrets, "message"), clock);
  const stored = createControlStore(state);
  // Nobody asks whether to revoke before it is known what the settings were before these.
  const control = {
    ...stored,
    async read() {
      await begun();
      return stored.read();
    },
  };
  const pulses = {
    state,
    pulses: storage.queue(pulsesQueue),
    newId: randomUUID,
    resyncEvery: settings.resync.intervalMs,
  };
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
  const { notify, operators } = settings;
  const outcomeNotices = storage.queue(webhookQueue);
  const roles = settings.enforcedRoles;
  const { included, excluded } = settings.policy;
  const readAudits: ReadAudits = (query) => graph.readDirectoryAudits(query);
  const corroborate = createCorroborator(readAudits, clock);
  const joinedSince = createJoinedSince(readAudits, telemetry, clock);
  const signals = tracedQueue(signalSeal.sealed(storage.queue(signalsQueue)), telemetry);
  const firstRead =
    settings.subscriptions === null
      ? {}
      : {
          onFirstRead: (groupId: string) =>
            signals.send(errandMessage({ errand: "subscribe", groupId }), gatherGroupsFor),
        };
  const dependencies: ResyncDependencies = {
    graph,
    graphClock: createGraphClock(clock),
    ...(settings.watchedGroups === "none"
      ? {}
      : { groups: { graph, watched: settings.watchedGroups, unitsPerSecond, joinedSince, ...firstRead } }),
    principals,
    state,
    control,
    threshold: createThreshold({
      state,
      limits: settings.threshold,
      watchedUsers: async () => (await loadResync(state)).record?.watchedUsers ?? 0,
      async corroborates(obligation, userId) {
        for (const { principalId, privilegeId } of auditedEnds(obligation, userId)) {
          if (await corroborate(principalId, privilegeId, obligation.cutOff)) return true;
        }
        return false;
      },
      clock,
      timings: defaultTimings,
      telemetry,
    }),
    signals,
    ...(notify === null ? {} : { notices: outcomeNotices }),
    rushes: createKnownRushes(state, clock),
    waiting: new Set(),
    clock,
    newId: randomUUID,
    policy: settings.policy,
    ...(included === "all" && excluded.size === 0
      ? {}
      : {
          scope: createScopeReader({
            settings: { included, excluded },
            state,
            readListed: (ids) => graph.readListed(ids),
            clock,
            telemetry,
          }),
        }),
    ...(roles === "all" ? {} : { enforcedRoles: () => resolveRoles(roles, graph.roleNames, telemetry) }),
    timings: defaultTimings,
    telemetry: notices.telemetry,
    resyncEvery: settings.resync.intervalMs,
  };
  const begun = rememberSuccess(() => begin(dependencies));
  const rules = settings.auditRules;
  const reading: CatchUpDependencies = { ...dependencies, readAudits, memory: createAuditMemory(rules, 2 * overlap) };
  const streaming: StreamDependencies = { ...dependencies, memory: createAuditMemory(new Set(), overlap) };
  const sources = {
    directoryAuditCatchUp: () => catchUpHealth(state),
    ...(settings.auditStream === null ? {} : { directoryAuditStream: () => streamHealth(state) }),
    ...(settings.subscriptions === null ? {} : subscriptionHealth(state)),
  };
  const { graphClock } = dependencies;
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
    endpoints: settings.subscriptions === null ? null : endpointsAt(settings.subscriptions.baseUrl),
    beyondQuota: settings.subscriptions?.beyondQuota ?? "poll",
    watched: settings.watchedGroups === "none" ? null : settings.watchedGroups,
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
  const operatorRules = operators && {
    ...operators,
    verifyToken: createTokenVerifier({ ...operators, fetch: globalThis.fetch, now: () => graphClock.now() }),
  };
  const purge = createPurge({ ...dependencies, keepFor: settings.retention });
  const resyncAndCheck = async (told = false): Promise<void> => {
    await begun();
    await resync(dependencies, told);
    await runUpkeep(
      {
        checkSettings: () => checkSettings(dependencies),
        rotate: () => sealed.rotate(),
        keepSubscriptions: async () => settings.policy.mode === "off" || (await keepSubscriptions(keeper)),
        purge,
        measureSources: () => measureSources(sources, dependencies),
        judgeNotices: () => notices.judge(),
      },
      telemetry,
    );
  };
  const errands: ErrandWork = {
    resync: () => resyncAndCheck(true),
    catchUp: (toldAt) => catchUpTold(toldAt, reading),
    subscribe: (groupId) => subscribeToNew(groupId, keeper),
    keepSubscriptions: (asked) => keepSubscriptions(keeper, asked),
    signals,
  };
  const health = () => readHealth(state, control, settings.policy, settings.resync.intervalMs, sources);
  // Named as the function that is triggered.
  const consume = <T>(name: string, parent: unknown, work: () => Promise<T>) =>
    telemetry.step(name, { kind: "consumer", parent }, work);
  return {
    attend: (message) =>
      consume("principals", traceparentOf(message), async () => {
        const rush = parseRush(message);
        const errand = parseErrand(message);
        if (errand !== null) {
          if (settings.policy.mode !== "off") await runErrand(errand, signalSeal.isOurs(message), errands);
        } else if (rush !== null) await takeRush(rush, dependencies);
        else {
          const signal = parseSignal(message);
          await attend(signalSeal.isOurs(message) ? signal : asHint(signal), dependencies);
        }
        await notices.flush();
        await revivePulse(pulses);
      }),
    resync: () =>
      consume("resync", undefined, async () => {
        await resyncAndCheck();
        await revivePulse(pulses);
      }),
    pulse: (message) =>
      consume("resyncPulse", undefined, async () => {
        if (!(await takePulse(message, pulses))) return;
        await resyncAndCheck();
        await catchUpIfLate(reading);
      }),
    catchUp: () => consume("directoryAuditCatchUp", undefined, () => catchUp(reading)),
    takeStream: (messages) => consume("directoryAuditStream", undefined, () => takeStream(messages, streaming)),
    notifications: (request) => consume("notifications", undefined, () => receiveNotifications(request, deliveries)),
    lifecycle: (request) => consume("lifecycle", undefined, () => receiveLifecycle(request, deliveries)),
    webhook:
      notify === null
        ? null
        : {
            deliver: (message) =>
              consume("webhook", undefined, () =>
                deliverNotice(message, {
                  ...dependencies,
                  notices: outcomeNotices,
                  post: createPostWebhook(notify.url, globalThis.fetch),
                  secret: notify.secret,
                }),
              ),
            park: (message, messageId) => parkPoison(message, messageId, dependencies),
          },
    park: (message, messageId) => parkDeadLetter(message, messageId, dependencies),
    authorize: createAuthorize(operatorRules, telemetry),
    operate: (operation, operator) =>
      consume("operations", undefined, () => operate(operation, operator, dependencies)),
    close: () => telemetry.close(),
    health,
    status: () => readStatus({ principals, health, roleNames: graph.roleNames, clock }),
  };
}
