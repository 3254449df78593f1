/** Conditions under which the app cuts less than it should. The status page, health and docs/operate.md use these names. */
export const conditionKinds = ["outage", "stopped", "held", "weaker"] as const;

export interface Condition {
  /** `weaker`: the settings make the app cut less than before. */
  readonly kind: (typeof conditionKinds)[number];
  /** ISO; null: not known. */
  readonly since: string | null;
  /** Object id of the operator who ordered it; null when no operator did. */
  readonly by: string | null;
  /** The reason, as text for the operator: ids and counts only. */
  readonly why: string;
}

interface Circumstances {
  readonly storageTime: number;
  readonly isOff: boolean;
  /** Null: not stopped by an operator. */
  readonly stop: { readonly since: number; readonly by: string | null; readonly isForged: boolean } | null;
  readonly isStoppedBySetting: boolean;
  /** Since when the current settings apply; null: not known. */
  readonly settingsSince: number | null;
  readonly resyncedAt: number | null;
  /** Milliseconds without a finished resync that count as an outage. */
  readonly patience: number;
  readonly held: number;
  readonly heldSince: number | null;
  readonly inReview: number;
  /** Settings that cut less than before, and since when. */
  readonly weakened: Readonly<Record<string, number>>;
}

/** Milliseconds for which health shows a weaker setting: after a day the setting counts as intended. */
const weakerShownFor = 24 * 3_600_000;

/**
 * Whether a person must see to it now. Weaker settings raised the alarm enforcementChanged when they came, and the page shows them for a day. A probe that
 * stayed red for that day after every wanted change would teach people to overlook it.
 */
export const needsPerson = ({ kind }: Pick<Condition, "kind">): boolean => kind !== "weaker";

/** The conditions that apply now, the most serious first. Times are storage's, epoch milliseconds. Pure. */
export function conditionsOf(now: Circumstances): readonly Condition[] {
  return [...outage(now), ...stops(now), ...holds(now), ...weaker(now)];
}

function outage({ isOff, storageTime, resyncedAt, patience }: Circumstances): Condition[] {
  if (isOff || resyncedAt === null || storageTime - resyncedAt <= patience) return [];
  const why = "No resync has finished lately: see lastResync.error and the log of the function resync.";
  return [{ kind: "outage", since: iso(resyncedAt), by: null, why }];
}

const kept = "Nothing is revoked, and what ends is kept pending";

function stops({ stop, isStoppedBySetting, settingsSince }: Circumstances): Condition[] {
  const bySetting = `Stopped by the setting CUTOFF_STOP. ${kept} until it is false.`;
  const byOrder = `Stopped by an operator's order. ${kept} until POST /api/operations/resume.`;
  const byForgery =
    "Stopped: the row of the stop was not written by the app. See the alarm rowForged. " +
    `${kept} until POST /api/operations/resume.`;
  return [
    ...(isStoppedBySetting ? [{ kind: "stopped", since: iso(settingsSince), by: null, why: bySetting } as const] : []),
    ...(stop === null
      ? []
      : [{ kind: "stopped", since: iso(stop.since), by: stop.by, why: stop.isForged ? byForgery : byOrder } as const]),
  ];
}

function holds({ held, heldSince, inReview }: Circumstances): Condition[] {
  const byThreshold =
    `The revocation threshold holds ${principals(held)}: see the alarms thresholdReached in the log. ` +
    "If their privileges really ended, POST /api/operations/release; else POST /api/operations/stop.";
  const forReview =
    `Privileges of ${principals(inReview)} ended more than an hour before revoking began again: they wait for an operator. ` +
    "POST /api/operations/review shows them, POST /api/operations/release carries them out.";
  return [
    ...(held > 0 ? [{ kind: "held", since: iso(heldSince), by: null, why: byThreshold } as const] : []),
    ...(inReview > 0 ? [{ kind: "held", since: null, by: null, why: forReview } as const] : []),
  ];
}

function weaker({ storageTime, weakened }: Circumstances): Condition[] {
  const young = Object.entries(weakened).filter(([, since]) => storageTime - since < weakerShownFor);
  if (young.length === 0) return [];
  const settings = young.map(([setting]) => setting).toSorted();
  const why = `These settings make the app cut less than before: ${settings.join(", ")}. See the alarm enforcementChanged. Was this change intended?`;
  return [{ kind: "weaker", since: iso(Math.max(...young.map(([, since]) => since))), by: null, why }];
}

const principals = (count: number): string => (count === 1 ? "1 principal" : `${count} principals`);

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());
