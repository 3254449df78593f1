import type { Env } from "./app-settings.ts";
import type { RegisteredFunction } from "./core-module.ts";
import type { HostJson } from "./host-json.ts";
import { hostTable } from "./host-table.ts";
import type { Invoke } from "./invoke.ts";
import type { Listener } from "./listener.ts";
import type { Log } from "./log.ts";
import { acquireLock } from "./singleton-lock.ts";
import { startTimerListener } from "./timer-listener.ts";
import { parseSchedule } from "./timer-schedule.ts";
import { createTimerStatusStore } from "./timer-status.ts";
import type { TimerTrigger } from "./triggers.ts";

export interface TimerHost {
  readonly env: Env;
  readonly hostId: string;
  readonly instanceId: string;
  readonly singleton: HostJson["singleton"];
  readonly invoke: Invoke;
  readonly log: Log;
}

/** Starts the timer trigger of `fn`. @throws HostError for a bad schedule or without a storage setting. */
export function startTimerTrigger(fn: RegisteredFunction, trigger: TimerTrigger, host: TimerHost): Listener {
  const { hostId, singleton, log } = host;
  const schedule = parseSchedule(trigger.schedule, new Date());
  const table = hostTable(host.env);
  return startTimerListener({
    schedule,
    runOnStartup: trigger.runOnStartup,
    status: trigger.useMonitor && schedule.isMonitored ? createTimerStatusStore(table, hostId, fn.name) : undefined,
    acquire: async () => {
      await table.createTable();
      return acquireLock({
        table,
        hostId,
        name: fn.name,
        owner: host.instanceId,
        period: singleton.listenerLockPeriod,
        now: Date.now,
        log,
      });
    },
    lockPolling: singleton.listenerLockRecoveryPollingInterval,
    now: () => new Date(),
    run: (input) => host.invoke(fn, { name: trigger.name, ...input }),
    log,
  });
}
