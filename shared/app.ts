import { randomUUID } from "node:crypto";
import { attend } from "./assignments/attend.ts";
import { asHint, parseMessage } from "./assignments/messages.ts";
import { revivePulse, takePulse } from "./assignments/pulse.ts";
import { resync } from "./assignments/resync.ts";
import { takeRush } from "./assignments/take-rush.ts";
import { catchUpHealth, streamHealth } from "./audits/audit-health.ts";
import { createAuditMemory } from "./audits/audit-memory.ts";
import { type CatchUpDependencies, catchUp, catchUpIfLate, catchUpTold, overlap } from "./audits/catch-up.ts";
import { judgeAgain } from "./audits/judge-again.ts";
import { learnElevations } from "./audits/learn-elevations.ts";
import { type StreamDependencies, takeStream } from "./audits/take-stream.ts";
import { deliverNotice } from "./notify/deliver.ts";
import { parkPoison } from "./notify/undelivered.ts";
import { checkSettings } from "./operations/check-settings.ts";
import { parkDeadLetter } from "./operations/dead-letters.ts";
import { type Health, readHealth } from "./operations/health.ts";
import { type Operated, operate } from "./operations/operate.ts";
import type { Operation } from "./operations/read-operation.ts";
import { type Authorize, createAuthorize } from "./operators/authorize.ts";
import type { Operator } from "./operators/operator.ts";
import { createTokenVerifier } from "./operators/verify-token.ts";
import { pulsesQueue } from "./queue-names.ts";
import { createPurge } from "./retention/purge.ts";
import { readStop } from "./revocation/control.ts";
import type { Settings } from "./settings/settings.ts";
import type { DeliveryAnswer, DeliveryRequest } from "./signals/delivery.ts";
import { measureSources } from "./signals/measure-sources.ts";
import { receiveLifecycle, receiveNotifications } from "./signals/receive-delivery.ts";
import { type ErrandWork, runErrand } from "./signals/run-errand.ts";
import { createKnownNames, noNames } from "./status/known-names.ts";
import { readStatus } from "./status/read-status.ts";
import type { Status } from "./status/status.ts";
import { awaitStorage } from "./storage/await-storage.ts";
import { keepSubscriptions, subscribeToNew } from "./subscriptions/keep-subscriptions.ts";
import { subscriptionHealth } from "./subscriptions/subscription-health.ts";
import { traceparentOf } from "./telemetry/traced-queue.ts";
import { runUpkeep } from "./upkeep.ts";
import { wireBasis } from "./wiring/basis.ts";
import { wireCore } from "./wiring/core.ts";
import { wireNotify } from "./wiring/notify.ts";
import { wireSubscriptions } from "./wiring/subscriptions.ts";

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
  /** A message of the queue of notices, and one that the host gave up on; null when nobody is to be told. */
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
  status(operator: Operator): Promise<Status>;
  /** Whether a caller may do what needs this app role, and who it is. */
  readonly authorize: Authorize;
  /** An operator's order, already read. */
  operate(operation: Operation, operator: Operator): Promise<Operated>;
  /** Sends the telemetry that is left. The process is about to end. */
  close(): Promise<void>;
}

/** The composition root: settings in, use cases out. It and the files of `wiring/`, which nobody else imports, put the parts together. */
export function createApp(settings: Settings): App {
  const basis = wireBasis(settings);
  const { clock, telemetry, strangers, graph, graphClock, sealed, principals, state, signals, readAudits } = basis;
  const { dependencies, control, notices, begun } = wireCore(basis);
  const { keeper, deliveries } = wireSubscriptions(basis);
  const isOn = settings.policy.mode !== "off";
  const pulses = {
    state,
    pulses: basis.queue(pulsesQueue),
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
  const resyncAndCheck = async (told = false): Promise<void> => {
    await begun();
    await resync(dependencies, told);
    await runUpkeep(
      {
        checkSettings: () => checkSettings(dependencies),
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
  const errands: ErrandWork = {
    resync: () => resyncAndCheck(true),
    catchUp: (toldAt) => catchUpTold(toldAt, reading),
    subscribe: (groupId) => subscribeToNew(groupId, keeper),
    keepSubscriptions: (asked) => keepSubscriptions(keeper, asked),
    signals,
  };
  const takeMessage = async (message: unknown): Promise<void> => {
    const parsed = parseMessage(message);
    const isOurs = basis.isOurs(message);
    if (parsed.kind === "principal") await attend(isOurs ? parsed.signal : asHint(parsed.signal), dependencies);
    else if (parsed.kind === "rush") await takeRush(parsed.second, dependencies);
    else if (isOn) await runErrand(parsed, isOurs, errands);
  };
  const { operators } = settings;
  const now = () => graphClock.now();
  const operatorRules = operators && {
    ...operators,
    verifyToken: createTokenVerifier({ ...operators, fetch: globalThis.fetch, now, monotonic: clock.monotonic }),
  };
  const health = () => readHealth(state, control, settings.policy, settings.resync.intervalMs, sources);
  const names = settings.statusPage.showNames ? createKnownNames({ read: graph.readDirectoryNames, clock }) : noNames;
  // Named as the function that is triggered.
  const consume = <T>(name: string, parent: unknown, work: () => Promise<T>) =>
    telemetry.step(name, { kind: "consumer", parent }, async () => {
      try {
        return await work();
      } finally {
        await basis.flushAlarms();
      }
    });
  const telling = wireNotify(basis, dependencies);
  return {
    attend: (message) =>
      consume("principals", traceparentOf(message), async () => {
        await takeMessage(message);
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
    notifications: (request) => receiveNotifications(request, deliveries),
    lifecycle: (request) => receiveLifecycle(request, deliveries),
    webhook: telling && {
      deliver: (message) => consume("webhook", undefined, () => deliverNotice(message, telling)),
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
