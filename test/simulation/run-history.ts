import { createMemoryQueue, createMemoryTable } from "../fixtures/memory-storage.ts";
import type { History } from "./history.ts";
import type { Breach, Disturbance, Evidence, Policy } from "./judge/evidence.ts";
import { judge } from "./judge/judge.ts";
import { factsOf } from "./tenant/facts.ts";
import { principalId, roleId } from "./tenant/ids.ts";
import { ModelTenant } from "./tenant/model-tenant.ts";
import type { AppUnderTest } from "./world/app.ts";
import { createFaults } from "./world/faults.ts";
import { type GraphLog, graphPort } from "./world/graph-port.ts";
import { Host } from "./world/host.ts";
import { type Instance, startInstance } from "./world/instance.ts";
import { Ledger } from "./world/ledger.ts";
import { scheduleOrders } from "./world/orders.ts";
import type { CallContext } from "./world/port-call.ts";
import { seededRandom } from "./world/random.ts";
import { scheduleSignals } from "./world/signals.ts";
import { queuePort, tablePort } from "./world/storage-ports.ts";
import { Tally } from "./world/tally.ts";
import { VirtualTime } from "./world/virtual-time.ts";

const second = 1000;
const minute = 60 * second;
export const historyStart = Date.UTC(2026, 2, 2, 8, 0, 0);
/** After the last fault and the last stale row: a crashed host hides a message for ten minutes, and a message may wait twice. */
const drain = 25 * minute;

/** One event, alarm or measurement of the app, in virtual time. */
export interface Reported {
  readonly at: number;
  readonly by: string;
  readonly what: string;
  readonly properties: object;
}

export interface Verdict {
  readonly breaches: readonly Breach[];
  readonly evidence: Evidence;
  readonly tally: Tally;
  /** What the app reported to its operators, and which calls it sent to Graph. */
  readonly recorded: readonly Reported[];
  readonly graphLog: GraphLog;
  readonly tenant: ModelTenant;
}

export interface RunOptions {
  /** See `CallContext`: sees every port call, and may let the caller die there. */
  readonly observe?: CallContext["observe"];
  /** What ends later after the start is only judged if a downtime makes the history that long, milliseconds. */
  readonly eventful?: number;
}

/** Plays one history from beginning to end and judges it. The same history always gives the same verdict. */
export async function runHistory(history: History, app: AppUnderTest, options: RunOptions = {}): Promise<Verdict> {
  const { eventful = 60 * minute } = options;
  const readsAuditLog = history.readsAuditLog === true;
  const tally = new Tally();
  const random = (purpose: string) => seededRandom(history.seed, purpose);
  const time = new VirtualTime(historyStart, random("order"));
  const tenant = new ModelTenant(history, historyStart, random("replicas"));
  const faults = createFaults(history.faults, historyStart, random("faults"), tally);
  const storageNow = () => time.now() + history.storageSkew;
  const queue = createMemoryQueue({ now: storageNow });
  const ledger = new Ledger(app.readRevocation, () => time.now());
  const principalsTable = ledger.following(createMemoryTable({ now: storageNow }));
  const stateTable = createMemoryTable({ now: storageNow });
  const graphLog: GraphLog = { revokes: [], sent: [], throttled: [] };
  const recorded: Reported[] = [];
  const policy = policyOf(history);
  let starts = 0;
  let calls = 0;

  const context: CallContext = {
    time,
    faults,
    random: random("network"),
    observe(call, when, at) {
      if (when === "before") calls += 1;
      return options.observe?.(call, when, at) ?? false;
    },
    crash: (instance, restartAfter) => host.crash(instance, restartAfter),
  };
  const start = (slot: number) => {
    starts += 1;
    const instance = startInstance(`app ${slot + 1}, start ${starts}`, time, history.instanceSkews[slot] ?? 0);
    const note = (instance_: Instance) => (what: string, properties: object) => {
      if (what === "fannedOut") tally.add("fan-out");
      if (what === "standbyCame") tally.add("standby message of a wait");
      recorded.push({ at: time.now(), by: instance_.name, what, properties });
    };
    const ports = {
      clock: instance.clock,
      ...graphPort(context, tenant, graphLog, instance),
      principals: tablePort(context, "principals", principalsTable, instance),
      state: tablePort(context, "state", stateTable, instance),
      queue: queuePort(context, queue, instance, () => host.wakePump()),
      telemetry: { event: note(instance), alarm: note(instance), measure: () => undefined },
      note: note(instance),
      random: random(instance.name),
    };
    return { instance, app: app.start(ports, { policy, resyncEvery: history.resyncEvery, sealed: history.sealed }) };
  };
  const slots = history.instanceSkews.length;
  const host = new Host({
    context,
    queue,
    queueSkew: history.storageSkew,
    tally,
    slots,
    resyncEvery: history.resyncEvery,
    readsAuditLog,
    start,
  });
  const principals = tenant.principals.map((principal) => factsOf(principal, tenant.groups));
  scheduleSignals(history, principals, tenant.groups, {
    time,
    queue,
    host,
    faults,
    tally,
    random: random("signals"),
    app,
  });

  const lastTrouble = Math.max(historyStart, ...lastMoments(history, principals, historyStart + eventful));
  const operator = scheduleOrders(history, { time, host, tally, start: historyStart, end: lastTrouble, drain });
  const lastReport = readsAuditLog ? history.auditLag + 6 * minute : 0;
  const lastFanOut = history.groups.length > 0 ? 4 * minute : 0;
  await time.runUntil(lastTrouble + Math.max(3 * history.resyncEvery + 90 * second + lastFanOut, lastReport));
  const quiet = () =>
    operator.isFree() &&
    ledger.pending() === 0 &&
    (queue.nextVisibleAt() ?? Number.POSITIVE_INFINITY) > storageNow() + 5 * minute;
  await time.runUntil(lastTrouble + drain, quiet);

  const isGroup = (id: string) => tenant.group(id) !== undefined;
  const evidence: Evidence = {
    from: historyStart,
    to: time.now(),
    judgedUntil: lastTrouble,
    policy,
    resyncEvery: history.resyncEvery,
    auditLag: history.auditLag,
    readsAuditLog,
    principals,
    revokes: graphLog.revokes.map(({ user, ...times }) => ({ principalId: user, ...times })),
    sent: graphLog.sent,
    throttled: graphLog.throttled,
    outcomes: ledger.outcomes().filter(({ principalId }) => !isGroup(principalId)),
    groupOutcomes: ledger.outcomes().filter(({ principalId }) => isGroup(principalId)),
    stops: operator.stops,
    releasedAt: operator.releasedAt,
    disturbances: [...disturbancesOf(history), ...operator.disturbances],
  };
  for (const { outcome, audited } of evidence.outcomes) {
    tally.add(`outcome ${outcome ?? "pending"}`);
    if (audited) tally.add("outcome of what only the audit log reported");
  }
  for (const mark of ledger.marks()) tally.add(`threshold ${mark}`);
  tally.add("accepted revokes", evidence.revokes.length);
  tally.add(`history of up to ${callsUpTo(calls)} port calls`);
  return { breaches: [...judge(evidence), ...storm(calls, evidence)], evidence, tally, recorded, graphLog, tenant };
}

/** Far more than the busiest quiet history takes: messages that become more and more. */
const stormAbove = 50_000;

const callsUpTo = (calls: number): string => `${2 ** Math.ceil(Math.log2(Math.max(calls, 1000) / 1000))},000`;

const storm = (calls: number, { to }: Evidence): Breach[] =>
  calls <= stormAbove ? [] : [{ promise: "never a storm", principalId: "", at: to, why: `${calls} port calls` }];

function policyOf(history: History): Policy {
  const ids = (listed: string) =>
    history.principals.flatMap((principal, index) => (principal.listed === listed ? [principalId(index)] : []));
  const everybody = history.principals.every(({ listed }) => listed !== "notIncluded");
  const { enforcedRoles } = history.policy;
  return {
    ...history.policy,
    included: everybody ? "all" : ids("inScope"),
    excluded: ids("excluded"),
    enforcedRoles: enforcedRoles === "all" ? "all" : enforcedRoles.map(roleId),
  };
}

function* lastMoments(history: History, principals: Evidence["principals"], until: number): Iterable<number> {
  for (const { from, for: length, seconds } of history.faults) yield historyStart + from + length + seconds * second;
  for (const { at } of history.orders) yield historyStart + at;
  for (const { sources, othersRevokedAt } of principals) {
    yield* othersRevokedAt.filter((at) => at < until);
    for (const { goneAt, forgottenAt } of sources) {
      if (goneAt !== null && goneAt < until) yield Math.max(goneAt, forgottenAt ?? goneAt);
    }
  }
}

/** A fault disturbs while its window is open, as long as what it started lasts, and until a hidden message is back. */
function disturbancesOf(history: History): Disturbance[] {
  return history.faults.map(({ kind, from, for: length, seconds }) => {
    const hidden = kind.startsWith("crash") || kind === "downtime" || kind === "pause" ? 10 * minute : 0;
    const to = from + length + seconds * second + hidden + minute;
    return { what: kind, from: historyStart + from, to: historyStart + to };
  });
}
