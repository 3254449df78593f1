import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { isTierZero } from "../model/holding.ts";
import {
  type Closed,
  isRole,
  isRule,
  type Outcome,
  type PendingRevocation,
  residualOf,
} from "../model/pending-revocation.ts";
import type { FilterWord } from "../settings/settings.ts";
import type { Queue } from "../storage/queue.ts";
import { isStorageError, parseRows, putRow, StorageConflictError, type Table } from "../storage/table.ts";
import type { AlarmName } from "../telemetry/names.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { type AlarmNotice, kindOf, noticeMessage } from "./notice.ts";

/** Names at the time when a message is sent: untrusted; null where names are not shown or could not be read. */
export interface Names {
  readonly user: string | null;
  readonly group: string | null;
  readonly role: string | null;
}
export const noNames: Names = { user: null, group: null, role: null };

/** The reason that a user gave when they activated a privilege: untrusted; null where there is none. */
export interface Reason {
  readonly justification: string | null;
  readonly ticket: string | null;
}

/** Reads why an ended privilege had been activated; null when that is not known. Never throws. */
export type ReadReason = (principalId: string, revocation: PendingRevocation) => Promise<Reason | null>;

/** The facts of one outcome that a message to people shows. Times are Graph's epoch milliseconds. */
export interface OutcomeNews {
  readonly kind: "outcome";
  readonly principalId: string;
  readonly user: string | null;
  readonly privilege: {
    readonly kind: "role" | "member" | "owner" | "rule";
    /** The id of the role or the group; for a rule the activity in the audit log. */
    readonly id: string;
    readonly name: string | null;
    /** The scope of a role; null for the whole directory. */
    readonly scope: string | null;
  };
  readonly end: PendingRevocation["end"];
  readonly endedAt: number;
  readonly outcome: Outcome;
  readonly verified: boolean;
  /** Milliseconds from the end to the accepted revoke; null without a revoke. */
  readonly revokedAfter: number | null;
  readonly outlives: ReturnType<typeof residualOf>;
  /** Null when the settings want no reasons, or none is known. */
  readonly reason: Reason | null;
}

/** The facts of an alarm that a message to people shows. */
export interface AlarmNews {
  readonly kind: "alarm";
  readonly alarm: AlarmName;
  readonly principalId: string | null;
  /** By this machine's clock. */
  readonly at: number;
}

/** The facts of an outcome that a filter needs. */
type FilteredOutcome = { readonly outcome: Outcome; readonly verified: boolean; readonly tierZero: boolean };

/** The facts of an outcome for a message to people. Pure. */
export function outcomeNews(
  principalId: string,
  revocation: PendingRevocation,
  closed: Closed,
  names: Names,
  reason: Reason | null = null,
): OutcomeNews {
  const { acceptedAt } = closed;
  return {
    kind: "outcome",
    principalId,
    user: names.user,
    privilege: privilegeOf(revocation, names),
    end: revocation.end,
    endedAt: revocation.cutOff,
    outcome: closed.outcome,
    verified: closed.verified,
    revokedAfter: acceptedAt === null ? null : Math.max(0, acceptedAt - revocation.cutOff),
    outlives: residualOf(closed),
    reason,
  };
}

export const filteredOutcome = (revocation: PendingRevocation, { outcome, verified }: Closed): FilteredOutcome => ({
  outcome,
  verified,
  tierZero: isRole(revocation) && isTierZero(revocation.roleDefinitionId),
});

function privilegeOf(revocation: PendingRevocation, { role, group }: Names): OutcomeNews["privilege"] {
  const kind = kindOf(revocation);
  if (isRule(revocation)) return { kind, id: revocation.activity, name: null, scope: null };
  if (!isRole(revocation)) return { kind, id: revocation.through.groupId, name: group, scope: null };
  const { roleDefinitionId, directoryScopeId } = revocation;
  return { kind, id: roleDefinitionId, name: role, scope: directoryScopeId === "/" ? null : directoryScopeId };
}

/** Outcomes after which sessions may go on although the privilege has ended. */
const openEnded: ReadonlySet<Outcome> = new Set(["failed", "stale", "notEnforceable"]);

/** Whether a person must check: the sessions may go on, or the read-back has not shown that they ended. */
const needsPerson = ({ outcome, verified }: FilteredOutcome): boolean =>
  openEnded.has(outcome) || (outcome === "revoked" && !verified);

/** Whether a channel with this filter gets this outcome: one matching word of the filter is enough. Pure. */
export const wantsOutcome = (filter: ReadonlySet<FilterWord>, outcome: FilteredOutcome): boolean =>
  filter.has("outcomes") ||
  (filter.has("tier0") && outcome.tierZero) ||
  (filter.has("attention") && needsPerson(outcome));

/** Whether a channel with this filter gets alarms. Every alarm needs a person. */
export const wantsAlarms = (filter: ReadonlySet<FilterWord>): boolean =>
  filter.has("alarms") || filter.has("attention");

/** Sends alarms to the channels whose filters include them. */
interface AlarmNotices<T extends Telemetry> {
  /** The given telemetry. Each alarm that is raised on it is also noted here. */
  readonly telemetry: T;
  /** Sends the noted alarms. Never throws a storage error: the log has each alarm anyway. */
  flush(): Promise<void>;
}

/** Milliseconds between two notices of the same alarm from this process. A notice that is sent sooner would be dropped: see `raiseEvery`. */
const sendEvery = 600_000;

export function createAlarmNotices<T extends Telemetry>(
  telemetry: T,
  notices: Queue,
  clock: Pick<Clock, "now" | "monotonic">,
): AlarmNotices<T> {
  let heard: AlarmNotice[] = [];
  const sentAt = new Map<AlarmName, number>();
  return {
    telemetry: {
      ...telemetry,
      alarm(name, properties) {
        telemetry.alarm(name, properties);
        const now = clock.monotonic();
        if (now - (sentAt.get(name) ?? Number.NEGATIVE_INFINITY) < sendEvery) return;
        sentAt.set(name, now);
        const { principalId } = properties;
        heard.push({
          alarm: name,
          principalId: typeof principalId === "string" ? principalId : null,
          at: clock.now(),
          tries: 0,
        });
      },
    },
    async flush() {
      const alarms = heard;
      heard = [];
      try {
        for (const alarm of alarms) await notices.send(noticeMessage(alarm), 0);
      } catch (error) {
        if (!isStorageError(error)) throw error;
        telemetry.event("storageUnavailable", { partition: "notices", code: error.code });
      }
    },
  };
}

const partition = "notifiedAlarms";
const schema = z.object({ schema: z.literal(1) });

/** Milliseconds between two messages to people about the same alarm. An alarm that lasts is raised every few seconds. */
const raiseEvery = 3_600_000;

/** Whether a message about this alarm is due now, by storage's clock. If so, the alarm is stored as sent. @throws the errors of storage */
export async function isNewsAgain(state: Table, alarm: AlarmName): Promise<boolean> {
  const { value, storageTime } = await state.get(partition, alarm);
  const { read, unreadable } = parseRows(value === undefined ? [] : [value], schema);
  // Another version wrote this row. It stays as it is.
  if (unreadable.length > 0) return true;
  const [last] = read;
  if (last !== undefined && storageTime - last.row.timestamp < raiseEvery) return false;
  const content = { schema: 1 };
  try {
    await state.commit(partition, [putRow(alarm, content, value?.etag)]);
    return true;
  } catch (error) {
    // Another invocation sends it.
    if (error instanceof StorageConflictError) return false;
    throw error;
  }
}
