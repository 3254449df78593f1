import counts from "./counts.json" with { type: "json" };
import prices from "./prices.json" with { type: "json" };

/** What is chosen, as far as it costs. */
export interface Choice {
  /** Instances that are always ready for the functions that run all the time: resync, heartbeat. */
  readonly resync: number;
  readonly resyncPulse: number;
  readonly http: number;
  readonly principals: number;
  readonly resyncSeconds: number;
  readonly alertMinutes: 5 | 15;
}

export interface Line {
  readonly what: string;
  readonly how: string;
  readonly dollars: number;
}

const { perSecond } = counts;
const month = prices.secondsAMonth;
/** Taken in, and kept as long as it is by default. */
const gigabyteOfLog = prices.logGB + ((prices.logRetentionDays - 31) / 30) * prices.logGBMonthBeyond31Days;
/** How often the counted resyncs ran. */
const countedEvery = 10;

/** What each part costs a month. Whatever a resync or a heartbeat does is counted at one each ten seconds, and goes with how often they run. */
export function linesOf(choice: Choice): readonly Line[] {
  const pace = countedEvery / choice.resyncSeconds;
  const ready = choice.http + choice.principals + choice.resync + choice.resyncPulse;
  const each = Math.max(prices.leastSecondsBilled, secondsOfResync());
  const executions = [choice.resync, choice.resyncPulse].map((instances) => ({
    number: month / choice.resyncSeconds,
    price: instances > 0 ? prices.executionOnAlwaysReadyGBSecond : prices.executionOnDemandGBSecond,
  }));
  const catchUps = { number: month / 30, price: prices.executionOnDemandGBSecond };
  const runs = [...executions, catchUps].reduce(
    (sum, { number, price }) =>
      sum + number * (each * prices.instanceGB * price + prices.millionExecutions / 1_000_000),
    0,
  );
  const polls = (perSecond.pollsPrincipals + (choice.resyncPulse > 0 ? perSecond.pollsResyncPulse : 0)) * month;
  const queueWork = perSecond.queueOther * month * pace;
  const tableWork = (perSecond.tableReads + perSecond.tableWrites + perSecond.blobs) * month * pace;
  const storageWrites = perSecond.tableWrites + perSecond.queueOther + perSecond.blobs;
  const logged = ((perSecond.telemetryBytes + storageWrites * prices.storageLogRowBytes) * month * pace) / 1e9;
  const rule = choice.alertMinutes === 5 ? prices.alertRuleEvery5Minutes : prices.alertRuleEvery15Minutes;
  return [
    {
      what: "always-ready instances",
      how: `${ready} x ${prices.instanceGB} GB x ${month} s x $${plain(prices.alwaysReadyGBSecond)}`,
      dollars: ready * prices.instanceGB * month * prices.alwaysReadyGBSecond,
    },
    {
      what: "running functions",
      how: `resync and heartbeat every ${choice.resyncSeconds} s, the audit log every 30 s, ${round(each)} s each as billed`,
      dollars: runs,
    },
    {
      what: "polling queues",
      how: `${millions(polls)} million operations`,
      dollars: (polls / 10_000) * prices.tenThousandQueueOperations,
    },
    {
      what: "messages, tables, blobs",
      how: `${millions(queueWork)} and ${millions(tableWork)} million operations`,
      dollars:
        (queueWork / 10_000) * prices.tenThousandQueueOperations +
        (tableWork / 10_000) * prices.tenThousandTableOperations,
    },
    {
      what: "logs",
      how: `${round(logged)} GB of telemetry and of storage's own log, kept ${prices.logRetentionDays} days`,
      dollars: logged * gigabyteOfLog,
    },
    {
      what: "alert rules",
      how: `${prices.alertRules} every ${choice.alertMinutes} minutes`,
      dollars: prices.alertRules * rule,
    },
  ];
}

/** What it would cost if storage's own log took each look into a queue for a write: a look hides the messages that it finds. */
export function pollsInLog({ resyncPulse }: Choice): Line {
  const polls = (perSecond.pollsPrincipals + (resyncPulse > 0 ? perSecond.pollsResyncPulse : 0)) * month;
  const logged = (polls * prices.storageLogRowBytes) / 1e9;
  return {
    what: "looks into queues, if storage logs them as writes",
    how: `${round(logged)} GB more of storage's own log`,
    dollars: logged * gigabyteOfLog,
  };
}

/** What one resync takes on the quarter of a core that an instance of 512 MB has, if all the CPU that was counted were its own. */
export function secondsOfResync(): number {
  return (perSecond.cpu * countedEvery) / prices.instanceCores;
}

const round = (value: number): string => value.toFixed(1);
const millions = (value: number): string => round(value / 1_000_000);
/** Without an exponent. */
const plain = (value: number): string => value.toFixed(6);
