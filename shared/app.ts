import { randomUUID } from "node:crypto";
import {
  type CatchUpDependencies,
  catchUp,
  catchUpHealth,
  catchUpIfLate,
  catchUpPast,
  overlap,
  streamHealth,
} from "./audit-log/catch-up.ts";
import { judgeAgain, learnElevations } from "./audit-log/read-again.ts";
import { type StreamDependencies, takeStream } from "./audit-log/stream.ts";
import { createAuditMemory } from "./audit-log/take-in.ts";
import { readStop } from "./enforcement/stop-and-resume.ts";
import { keepSubscriptions, subscribeToNew } from "./notifications/keep-subscriptions.ts";
import type { DeliveryAnswer, DeliveryRequest } from "./notifications/read-delivery.ts";
import { receiveLifecycle, receiveNotifications } from "./notifications/receive.ts";
import { measureSources, subscriptionHealth } from "./notifications/source-health.ts";
import { type JobWork, runJob } from "./notifications/to-messages.ts";
import { deliverNotice } from "./notify/deliver.ts";
import { parkPoison } from "./notify/undelivered.ts";
import { type Authorize, createAuthorize } from "./operators/authorize.ts";
import { type Health, readHealth } from "./operators/health.ts";
import { type Operated, type Operation, operate } from "./operators/orders.ts";
import { parkDeadLetter } from "./operators/pending.ts";
import { createTokenVerifier, type Operator } from "./operators/prove-caller.ts";
import { checkSettings, coldFunctions } from "./operators/start-up.ts";
import { takeMassExpiry } from "./reconcile/mass-expiry.ts";
import { parseMessage, trusted } from "./reconcile/messages.ts";
import { reconcile } from "./reconcile/reconcile.ts";
import { resync, runMaintenance } from "./reconcile/resync.ts";
import { reviveHeartbeat, takeHeartbeat } from "./reconcile/wake-up.ts";
import { createPurge } from "./retention/purge.ts";
import type { Settings } from "./settings/settings.ts";
import { readStatus } from "./status/read-status.ts";
import { createKnownNames, noNames, type Status } from "./status/status.ts";
import { awaitStorage } from "./storage/connect.ts";
import { heartbeatQueue, traceparentOf } from "./storage/queue.ts";
import { wireBasis, wireCore, wireNotify, wireSubscriptions } from "./wiring.ts";

/** The use cases that the functions call: one per trigger. */
export interface App {
  /** A message of the signals queue. */
  reconcile(message: unknown): Promise<void>;
  /** The resync timer. */
  resync(): Promise<void>;
  /** A message of the heartbeat queue. */
  heartbeat(message: unknown): Promise<void>;
  /** The timer that reads new rows of Graph's audit log. */
  catchUp(): Promise<void>;
  /** A batch of the event hub that Entra's audit log is sent to. */
  takeStream(messages: readonly unknown[]): Promise<void>;
  /** A message of the queue of notices, and one that the host gave up on; null when the settings name no receiver. */
  readonly webhook: {
    deliver(message: unknown): Promise<void>;
    park(message: unknown, messageId: string): Promise<void>;
  } | null;
  /** A message of the signals queue that the host gave up on. */
  park(message: unknown, messageId: string): Promise<void>;
  /** Requests that Graph posts to the app's two addresses. */
  notifications(request: DeliveryRequest): Promise<DeliveryAnswer>;
  lifecycle(request: DeliveryRequest): Promise<DeliveryAnswer>;
  health(): Promise<Health>;
  /** The content of the status page. */
  status(operator: Operator): Promise<Status>;
  /** Who a caller is, and whether the caller has this app role. */
  readonly authorize: Authorize;
  /** An operator's order, already parsed. */
  operate(operation: Operation, operator: Operator): Promise<Operated>;
  /** Sends the telemetry that is left. The process is about to end. */
  close(): Promise<void>;
}

/** The composition root: settings in, use cases out. Only this file and `wiring.ts` put the parts together. */
export function createApp(settings: Settings): App {
  const basis = wireBasis(settings);
  const { clock, telemetry, strangers, graph, graphClock, sealed, principals, state, signals, readAudits } = basis;
  const { dependencies, control, notices, begun } = wireCore(basis);
  const { keeper, deliveries } = wireSubscriptions(basis);
  const isOn = settings.policy.mode !== "off";
  const heartbeats = {
    state,
    heartbeats: basis.queue(heartbeatQueue),
    newId: randomUUID,
    resyncEvery: settings.resync.intervalMs,
  };
  const memory = createAuditMemory(settings.auditRules, 2 * overlap);
  const reading: CatchUpDependencies = { ...dependencies, readAudits, memory };
  const streaming: StreamDependencies = { ...dependencies, memory: createAuditMemory(new Set(), overlap) };
  const sources = {
    directoryAuditCatchUp: () => catchUpHealth(state),
    ...(settings.auditStream === null ? {} : { directoryAuditStream: () => streamHealth(state) }),
    ...(settings.subscriptions === null ? {} : subscriptionHealth(state)),
  };
  const purge = createPurge({ ...dependencies, keepFor: settings.retention });
  const resyncAndCheck = async (isHinted = false): Promise<void> => {
    await begun();
    // Timer and heartbeat both come here: what follows is needed once in an interval.
    if (!(await resync(dependencies, isHinted))) return;
    await runMaintenance(
      {
        checkSettings: () => checkSettings(dependencies, coldFunctions(settings)),
        rotate: () => sealed.rotate(),
        keepSubscriptions: async () => !isOn || (await keepSubscriptions(keeper)),
        purge,
        learnElevations: () => learnElevations(reading),
        judgeAgain: () => judgeAgain(reading),
        measureSources: () => measureSources(sources, dependencies),
        judgeNotices: () => notices.judge(),
      },
      telemetry,
    );
  };
  const jobs: JobWork = {
    resync: () => resyncAndCheck(true),
    catchUp: (notifiedAt) => catchUpPast(notifiedAt, reading),
    subscribe: (groupId) => subscribeToNew(groupId, keeper),
    keepSubscriptions: (asked) => keepSubscriptions(keeper, asked),
    signals,
  };
  const takeMessage = async (message: unknown): Promise<void> => {
    const parsed = parseMessage(message);
    const isOurs = basis.isOurs(message);
    if (parsed.kind === "principal") await reconcile(trusted(parsed.signal, isOurs), dependencies);
    else if (parsed.kind === "massExpiry") await takeMassExpiry(parsed.second, dependencies);
    else if (isOn) await runJob(parsed, isOurs, jobs);
  };
  const { operators } = settings;
  const now = () => graphClock.now();
  const operatorRules = operators && {
    ...operators,
    verifyToken: createTokenVerifier({ ...operators, fetch: globalThis.fetch, now, monotonic: clock.monotonic }),
  };
  const health = () => readHealth(state, control, settings.policy, settings.resync.intervalMs, sources);
  const names = settings.statusPage.showNames ? createKnownNames({ read: graph.readDirectoryNames, clock }) : noNames;
  // The step has the name of the triggered function.
  const consume = <T>(name: string, parent: unknown, work: () => Promise<T>) =>
    telemetry.step(name, { kind: "consumer", parent }, async () => {
      try {
        return await work();
      } finally {
        await basis.flushAlarms();
      }
    });
  const notifying = wireNotify(basis, dependencies);
  return {
    reconcile: (message) =>
      consume("principals", traceparentOf(message), async () => {
        await takeMessage(message);
        await notices.flush();
        await reviveHeartbeat(heartbeats);
      }),
    resync: () =>
      consume("resync", undefined, async () => {
        await resyncAndCheck();
        await reviveHeartbeat(heartbeats);
      }),
    heartbeat: (message) =>
      consume("heartbeat", undefined, async () => {
        if (!(await takeHeartbeat(message, heartbeats))) return;
        await resyncAndCheck();
        await catchUpIfLate(reading);
      }),
    catchUp: () => consume("directoryAuditCatchUp", undefined, () => catchUp(reading)),
    takeStream: (messages) => consume("directoryAuditStream", undefined, () => takeStream(messages, streaming)),
    notifications: (request) => receiveNotifications(request, deliveries),
    lifecycle: (request) => receiveLifecycle(request, deliveries),
    webhook: notifying && {
      deliver: (message) => consume("webhook", undefined, () => deliverNotice(message, notifying)),
      park: (message, messageId) => awaitStorage(() => parkPoison(message, messageId, dependencies), basis),
    },
    park: (message, messageId) => awaitStorage(() => parkDeadLetter(message, messageId, dependencies), basis),
    authorize: createAuthorize(operatorRules, strangers),
    operate: (operation, operator) =>
      consume("operations", undefined, () => operate(operation, operator, dependencies)),
    async close() {
      strangers.flush();
      await telemetry.close();
    },
    health,
    status: (operator) =>
      readStatus(
        {
          principals,
          health,
          stop: () => readStop(state),
          roleNames: graph.roleNames,
          names,
          clock,
          portal: settings.statusPage.portal,
          runbook: settings.statusPage.runbook,
        },
        operator,
      ),
  };
}
