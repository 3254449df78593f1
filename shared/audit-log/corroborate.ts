import type { Clock } from "../base/clock.ts";
import { AUDITS_UNSUPPORTED, type AuditQuery, type AuditRow } from "../graph/directory-audits.ts";
import { GraphPermanentError, GraphRetryableError, isGraphError } from "../graph/errors.ts";
import type { Dated } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { isRole, isRule, type PendingRevocation } from "../model/pending-revocation.ts";
import type { ReadReason, Reason } from "../notify/news.ts";
import type { GroupDependencies } from "../reconcile/dependencies.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { classifyAudit, type PrivilegeEnd } from "./classify.ts";
import { parseAuditRows } from "./parse.ts";
import { type AuditRecord, pimRoles, principalsAmong } from "./record.ts";

/** Milliseconds before and after the end in which an audit row can confirm it. */
const AROUND = 600_000;
/** Milliseconds for which a reading is reused for other ends of the principal: Graph's quota for reports is small. */
const FRESH_FOR = 10_000;

export type ReadAudits = (query: AuditQuery) => Promise<Dated<readonly AuditRow[]>>;

/**
 * Whether Graph's own audit log shows that this principal lost this role, or this group, within ten minutes of `endedAround`.
 * False is not final while rows may still arrive, which takes minutes; in a cloud without this log it is final.
 * @param privilegeId lower-case role definition id, or group id of a membership or ownership
 * @param endedAround Graph's time, epoch milliseconds
 * @throws what `readAudits` throws, except that the log is unsupported
 */
type Corroborate = (principalId: string, privilegeId: string, endedAround: number) => Promise<boolean>;

interface Reading {
  readonly endedAround: number;
  readonly at: number;
  readonly ends: Promise<readonly PrivilegeEnd[]>;
}

export function createCorroborator(readAudits: ReadAudits, clock: Clock): Corroborate {
  const readings = new Map<string, Reading>();

  const forget = () => {
    for (const [id, { at }] of readings) if (clock.monotonic() - at >= FRESH_FOR) readings.delete(id);
  };
  const read = (principalId: string, endedAround: number): Reading => {
    const ends = readEnds(readAudits, principalId, endedAround);
    const reading = { endedAround, at: clock.monotonic(), ends };
    readings.set(principalId, reading);
    // Every caller that waits for this reading gets its error; the next caller reads anew.
    ends.catch(() => readings.get(principalId) === reading && readings.delete(principalId));
    return reading;
  };

  return async (principalId, privilegeId, endedAround) => {
    forget();
    const known = readings.get(principalId);
    const reading = known?.endedAround === endedAround ? known : read(principalId, endedAround);
    return (await reading.ends).some(
      (end) =>
        end.principalId === principalId &&
        (end.kind === "roleEnd" ? end.roleDefinitionId : end.groupId) === privilegeId &&
        Math.abs(end.at - endedAround) <= AROUND,
    );
  };
}

async function readEnds(readAudits: ReadAudits, targetId: string, around: number): Promise<readonly PrivilegeEnd[]> {
  try {
    const { value } = await readAudits({ since: around - AROUND, until: around + AROUND, targetId });
    const { records } = parseAuditRows(value);
    return records.map(classifyAudit).filter((verdict) => verdict.kind === "roleEnd" || verdict.kind === "groupEnd");
  } catch (error) {
    if (error instanceof GraphPermanentError && error.code === AUDITS_UNSUPPORTED) return [];
    throw error;
  }
}

/** Core Directory's activities when a principal joins or leaves a group (Entra docs: reference-audit-activities). */
const joins: ReadonlySet<string> = new Set(["Add member to group", "Add owner to group"]);
const leaves: ReadonlySet<string> = new Set(["Remove member from group", "Remove owner from group"]);

/** Milliseconds. Graph's `Date` is whole seconds: a member who joined in the second of the end may have joined before it. */
const dateResolution = 1000;

/** Milliseconds that this reading may wait for its turn: worth it to spare a newcomer's session, but a longer wait would expose the others. */
const longestTurn = 5000;
/** Milliseconds. For a turn that is this near the pace waits by itself, and reserves the turn meanwhile. */
const nearTurn = 1000;

/**
 * Finds in Graph's audit log which members joined a group after it had lost a privilege, and so never held it. Rows come minutes late, and an
 * unreadable log must not delay the others: a member not shown to have joined counts as having been there, and loses a session at worst.
 */
export function createJoinedSince(
  readAudits: ReadAudits,
  telemetry: Telemetry,
  clock: Pick<Clock, "sleep">,
): GroupDependencies["joinedSince"] {
  return async (groupId, principalIds, since) => {
    try {
      const { value } = await inTurn(() => readAudits({ since, targetId: groupId }), clock);
      const moves = parseAuditRows(value).records.filter((record) => isMove(record, groupId));
      return new Set(principalIds.filter((id) => beganByJoining(moves, id, since + dateResolution)));
    } catch (error) {
      if (!isGraphError(error)) throw error;
      telemetry.event("joinsUnread", { principalId: groupId, code: error.code, status: error.status ?? null });
      return new Set();
    }
  };
}

/** Reads, and once more when our turn comes: the pace refuses a reading while others read, as when several passes find the same end. */
async function inTurn<T>(read: () => Promise<T>, clock: Pick<Clock, "sleep">): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const wait = error instanceof GraphRetryableError && error.code === "reportPace" ? error.retryAfter : undefined;
    if (wait === undefined || wait > longestTurn) throw error;
    await clock.sleep(Math.max(0, wait - nearTurn));
    return read();
  }
}

const isMove = (record: AuditRecord, groupId: string): boolean =>
  (joins.has(record.activity) || leaves.has(record.activity)) &&
  record.result === "success" &&
  record.service === "Core Directory" &&
  record.category === "GroupManagement" &&
  principalsAmong(record).some(({ id, type }) => type === "group" && id === groupId);

/** Whether the first move is a join: a member who first left and then came back had been there. Rows may come out of order. */
function beganByJoining(moves: readonly AuditRecord[], principalId: string, after: number): boolean {
  const [first] = moves
    .filter((record) => principalsAmong(record).some(({ id }) => id === principalId))
    .toSorted((a, b) => instantMs(a.occurredAt) - instantMs(b.occurredAt));
  return first !== undefined && joins.has(first.activity) && instantMs(first.occurredAt) >= after;
}

/** PIM's row of an activation, in either plane (Entra docs: reference-audit-activities). */
const activation = "Add member to role completed (PIM activation)";

/** Milliseconds around the start of an assignment in which PIM's row of its activation is searched: PIM has been seen to write seconds later. */
const aroundStart = { before: 120_000, after: 600_000 };

/** Milliseconds. Rows are kept for 30 days (Graph docs: directoryaudit-list), and Graph refuses a question about older ones. */
const keptFor = 29 * 86_400_000;

/** Milliseconds that a message waits for its reason at most; after that it goes without one. */
const longestReading = 5000;

/** Milliseconds for which a reason serves the other channels of the same end. Only the memory of this process keeps it. */
const reasonFor = 60_000;

/**
 * Reads the justification and ticket that a user entered at an activation, by one question to Graph's audit log. A user who held the privilege by a
 * group's role, or without an activation, gave no reason, so no question is asked.
 */
export function createReasonReader(readAudits: ReadAudits, clock: Pick<Clock, "monotonic" | "sleep">): ReadReason {
  const known = new Map<string, { readonly at: number; readonly reason: Promise<Reason | null> }>();

  return async (principalId, revocation) => {
    const { startDateTime, through, key, cutOff } = revocation;
    if (startDateTime === null || isRule(revocation) || through?.ended === "role") return null;
    const start = instantMs(startDateTime);
    if (cutOff - start > keptFor) return null;
    const now = clock.monotonic();
    for (const [id, { at }] of known) if (now - at >= reasonFor) known.delete(id);
    const id = `${principalId} ${key}`;
    const { reason } = known.get(id) ?? { reason: findReason(readAudits, principalId, revocation, start) };
    if (!known.has(id)) known.set(id, { at: now, reason });
    return Promise.race([reason, clock.sleep(longestReading).then(() => null)]);
  };
}

async function findReason(
  readAudits: ReadAudits,
  principalId: string,
  revocation: PendingRevocation,
  start: number,
): Promise<Reason | null> {
  const question = { since: start - aroundStart.before, until: start + aroundStart.after };
  try {
    const { value } = await readAudits({ ...question, targetId: principalId, activity: activation });
    const [nearest] = parseAuditRows(value)
      .records.filter((record) => isActivationOf(record, principalId, revocation))
      .toSorted((a, b) => Math.abs(instantMs(a.occurredAt) - start) - Math.abs(instantMs(b.occurredAt) - start));
    return nearest === undefined ? null : reasonIn(nearest);
  } catch (error) {
    if (!isGraphError(error)) throw error;
    return null;
  }
}

function isActivationOf(record: AuditRecord, principalId: string, revocation: PendingRevocation): boolean {
  const { activity, service, result, targets } = record;
  if (activity !== activation || service !== "PIM" || result !== "success") return false;
  if (!principalsAmong(record).some(({ id }) => id === principalId)) return false;
  const { through } = revocation;
  if (through !== undefined) return targets.some(({ id }) => id === through.groupId);
  return isRole(revocation) && pimRoles(record).includes(revocation.roleDefinitionId);
}

/**
 * `Justification` has been seen in PIM's rows; that a ticket has the name there that PIM's API gives it is assumed (docs/platform-facts.md). The
 * activating user writes both.
 */
function reasonIn({ details }: AuditRecord): Reason | null {
  const textOf = (name: string): string | null => {
    const value = details.find(({ key }) => key.toLowerCase() === name)?.value ?? null;
    // A text in the form of JSON was decoded.
    return typeof value === "string" || value === null ? value : JSON.stringify(value);
  };
  const reason = { justification: textOf("justification"), ticket: textOf("ticketnumber") };
  return reason.justification === null && reason.ticket === null ? null : reason;
}
