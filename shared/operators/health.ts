import { readWeakened } from "../enforcement/changed-settings.ts";
import { type ControlStore, readEnforcementSince, readStop } from "../enforcement/stop-and-resume.ts";
import { readRaised } from "../enforcement/threshold.ts";
import type { SourceHealth, SourceReaders } from "../notifications/source-health.ts";
import { countUndelivered, stoppedChannels } from "../notify/undelivered.ts";
import { loadResync } from "../reconcile/resync.ts";
import type { PolicySettings } from "../settings/settings.ts";
import { isRotated } from "../storage/seal.ts";
import { isStorageError, type Table } from "../storage/table.ts";
import { type Condition, conditionsOf, needsPerson } from "./conditions.ts";
import { type DeadLetter, loadDeadLetters } from "./pending.ts";
import { loadSettingProblems } from "./start-up.ts";

export interface Health {
  /** Whether nothing needs a person now. Weaker settings alone do not make it false: only `state` and `conditions` show them. */
  readonly healthy: boolean;
  /** The most serious condition that applies. */
  readonly state: Condition["kind"] | "healthy" | "needs attention";
  /** Conditions under which the app cuts less than it should, the most serious first; each but `weaker` is in `problems`, too. */
  readonly conditions: readonly Condition[];
  /** Problems as text for the operator; empty when healthy. */
  readonly problems: readonly string[];
  readonly build: Build;
  readonly mode: PolicySettings["mode"];
  readonly stopped: boolean | null;
  readonly storage: "ok" | string;
  /** False while stored rows may be sealed with `CUTOFF_SECRET_PREVIOUS`, which is needed until then. Null when storage cannot be read. */
  readonly keysRotated: boolean | null;
  /** ISO times of storage's clock; null = never. */
  readonly lastResync: {
    readonly startedAt: string | null;
    readonly finishedAt: string | null;
    readonly error: string | null;
  };
  /** Graph's `Date`, as ISO time, of the last complete list. */
  readonly lastGraphSuccess: string | null;
  readonly pending: {
    readonly principals: number;
    readonly oldestSince: string | null;
    /** Principals with a loss more than an hour before revoking began again: it waits for an operator. */
    readonly inReview: number;
  };
  /** Principals with a revocation that the threshold holds, as of the last resync; ISO times when a limit was last reached. */
  readonly threshold: {
    readonly held: number;
    readonly plannedReachedAt: string | null;
    readonly unplannedReachedAt: string | null;
  };
  /** The health of each signal source, by the name of the function that receives it. */
  readonly sources: Readonly<Record<string, SourceHealth>>;
  /** Users whose access token for a client or resource without CAE may outlive a revoke, and until when at the latest. */
  readonly exposure: { readonly principals: number; readonly until: string | null };
  /** Parked messages and outcomes that another version wrote: only that version can send them again. */
  readonly unreadableParked: number;
  /** Number of outcomes that a channel did not accept. */
  readonly undelivered: number;
  /** Numbers of the channels whose receivers answered 410 and get no more outcomes; 0 is the webhook. */
  readonly stoppedChannels: readonly number[];
  readonly deadLetters: number;
  readonly newestDeadLetters: readonly (Omit<DeadLetter, "parkedAt"> & { readonly parkedAt: string | null })[];
}

/** Limits for health: resync intervals without a finished resync, and milliseconds of a revocation without an outcome. */
const resyncsMissed = 6;
const pendingTooLong = 10 * 60_000;
const deadLettersShown = 5;

/** Reads health from stored state only: no call to Graph, so frequent requests cost no quota. */
export async function readHealth(
  state: Table,
  control: ControlStore,
  policy: PolicySettings,
  resyncEvery: number,
  sourceReaders: SourceReaders = {},
): Promise<Health> {
  const base = {
    build,
    mode: policy.mode,
    lastGraphSuccess: null,
    sources: {},
    deadLetters: 0,
    undelivered: 0,
    stoppedChannels: [],
    unreadableParked: 0,
    newestDeadLetters: [],
  };
  try {
    const [
      { content: record, storageTime },
      { stopped },
      { parked: deadLetters, unreadable: unreadableLetters },
      raised,
      settingProblems,
      sources,
      keysRotated,
      { notices: undelivered, unreadable: unreadableNotices },
      silent,
      stop,
      settingsSince,
      weakened,
    ] = await Promise.all([
      loadResync(state),
      control.read(),
      loadDeadLetters(state),
      readRaised(state),
      loadSettingProblems(state),
      readSources(sourceReaders),
      isRotated(state),
      countUndelivered(state),
      stoppedChannels(state),
      readStop(state),
      readEnforcementSince(state),
      readWeakened(state),
    ]);
    const failing = Object.entries(sources).filter(([, source]) => source.state === "failing");
    const finishedAt = record?.finishedAt ?? null;
    const held = record?.held ?? 0;
    const inReview = record?.inReview ?? 0;
    const openSince = record?.openSince ?? null;
    const unreadableParked = unreadableLetters + unreadableNotices;
    const conditions = conditionsOf({
      storageTime,
      isOff: policy.mode === "off",
      stop: stop && { since: stop.since, by: stop.order?.by ?? null, isForged: stop.isForged },
      isStoppedBySetting: policy.stopped,
      settingsSince,
      resyncedAt: finishedAt,
      patience: resyncsMissed * resyncEvery,
      held,
      heldSince:
        raised.planned === null && raised.unplanned === null
          ? null
          : Math.max(raised.planned ?? 0, raised.unplanned ?? 0),
      inReview,
      weakened,
    });
    const urgent = conditions.filter(needsPerson);
    const problems = [
      ...urgent.map(({ why }) => why),
      ...settingProblems,
      ...(policy.mode !== "off" && finishedAt === null
        ? [
            "No resync has finished yet: the first one comes with the timer, soon after the start. If none does, see the log of the function resync.",
          ]
        : []),
      ...(openSince !== null && (record?.graphDate ?? openSince) - openSince > pendingTooLong + policy.coalesceWithin
        ? ["An ended privilege has had no outcome for more than ten minutes: see the log of the function principals."]
        : []),
      ...(policy.mode === "off"
        ? []
        : failing.map(([name, { detail }]) => `${name} does not work (${detail}): see the log of that function.`)),
      ...(deadLetters.length > 0
        ? [
            "Messages were parked as dead letters: mend what newestDeadLetters shows, then POST /api/operations/redrive.",
          ]
        : []),
      ...(undelivered > 0
        ? [
            `Channels did not take ${undelivered} outcomes (alarms noticeParked): mend them, then POST /api/operations/redrive.`,
          ]
        : []),
      ...(silent.length > 0
        ? [
            `Nothing is sent to channel ${silent.join(", ")}, whose receiver answered 410: mend it or change its URL, then POST /api/operations/redrive.`,
          ]
        : []),
      ...(unreadableParked > 0
        ? [
            `Another version parked ${unreadableParked} messages, which this one cannot read: they are kept. Deploy that version, then POST /api/operations/redrive.`,
          ]
        : []),
    ];
    return {
      ...base,
      healthy: problems.length === 0,
      state: urgent[0]?.kind ?? (problems.length > 0 ? "needs attention" : (conditions[0]?.kind ?? "healthy")),
      conditions,
      problems,
      stopped: stopped || policy.stopped,
      storage: "ok",
      keysRotated,
      lastResync: { startedAt: iso(record?.startedAt), finishedAt: iso(finishedAt), error: record?.error ?? null },
      lastGraphSuccess: iso(record?.graphDate),
      pending: { principals: record?.open ?? 0, oldestSince: iso(openSince), inReview },
      threshold: { held, plannedReachedAt: iso(raised.planned), unplannedReachedAt: iso(raised.unplanned) },
      sources,
      exposure: { principals: record?.exposed ?? 0, until: iso(record?.exposedUntil) },
      undelivered,
      stoppedChannels: silent,
      unreadableParked,
      deadLetters: deadLetters.length,
      newestDeadLetters: deadLetters
        .slice(0, deadLettersShown)
        .map(({ letter }) => ({ ...letter, parkedAt: iso(letter.parkedAt) })),
    };
  } catch (error) {
    if (!isStorageError(error)) throw error;
    return {
      ...base,
      healthy: false,
      state: "outage",
      conditions: [{ kind: "outage", since: null, by: null, why: `Storage: ${error.message}` }],
      problems: [`Storage: ${error.message}`],
      stopped: policy.stopped ? true : null,
      storage: error.code,
      keysRotated: null,
      lastResync: { startedAt: null, finishedAt: null, error: null },
      pending: { principals: 0, oldestSince: null, inReview: 0 },
      exposure: { principals: 0, until: null },
      threshold: { held: 0, plannedReachedAt: null, unplannedReachedAt: null },
    };
  }
}

async function readSources(readers: SourceReaders): Promise<Health["sources"]> {
  const read = Object.entries(readers).map(async ([name, reader]) => [name, await reader()] as const);
  return Object.fromEntries(await Promise.all(read));
}

const iso = (time: number | null | undefined): string | null =>
  time === null || time === undefined ? null : new Date(time).toISOString();

/** The running build, so that an operator can compare it with its attestation and the sources. */
interface Build {
  /** The version in package.json. */
  readonly version: string;
  /** The commit it was built from, with `-dirty` where files differed from it; null when the build did not know it. */
  readonly commit: string | null;
}

// Written into the bundle by local/build/bundle-app.ts.
declare const buildOfBundle: Build | undefined;

/** Without a bundle the sources run directly. */
const build: Build = typeof buildOfBundle === "undefined" ? { version: "unbundled", commit: null } : buildOfBundle;
