import { createHash } from "node:crypto";
import { z } from "zod";
import { optional, parseContent, stored, text } from "../storage/rows.ts";
import { isForged, type Row, StorageRowError, type Table } from "../storage/table.ts";
import { redactText } from "../telemetry/redact.ts";
import { fanoutSchema, memberKey, memberSchema } from "./group.ts";
import { endedHoldingSchema, holdingSchema } from "./holding.ts";
import {
  type Attempt,
  accessRevocationSchema,
  attemptSchema,
  type PendingRevocation,
  roleRevocationSchema,
  ruleRevocationSchema,
} from "./pending-revocation.ts";
import { emptyHead, emptyState, headSchema, type PrincipalState } from "./principal.ts";

export interface LoadedPrincipal {
  readonly state: PrincipalState;
  /** Row key to etag, of every row of the partition. */
  readonly etags: ReadonlyMap<string, string>;
  /** Storage's time of the answer, epoch milliseconds, whole seconds. */
  readonly storageTime: number;
  /** Keys of rows that the next commit writes or removes even if nothing changed: their seal is invalid, or somebody deleted them. */
  readonly renew: ReadonlySet<string>;
}

/**
 * Reads all rows of a principal. The head sorts first, so it is read first: a commit on its etag proves that the other rows are unchanged.
 * A row with an invalid seal counts as not stored: a privilege that Graph still shows begins a new holding, and no revoke follows from the missing row.
 * @throws StorageRowError when a row cannot be read by this version.
 */
export async function loadPrincipal(table: Table, principalId: string): Promise<LoadedPrincipal> {
  const { value: rows, storageTime } = await table.list(principalId);
  const trusted = rows.filter((row) => !isForged(row));
  const state = toState(principalId, trusted);
  const isTaken = state.attempt?.id === lost && readAttempt(trusted)?.id !== lost;
  const forged = rows.filter(isForged).map(({ row }) => row);
  return {
    state,
    etags: new Map(rows.map(({ row, etag }) => [row, etag])),
    storageTime,
    renew: new Set([...forged, ...(isTaken ? [attemptRow] : []), ...(state.head.incomplete === true ? [headRow] : [])]),
  };
}

/** Id that stands for an attempt whose row was deleted. */
const lost = "lost";

/** @throws StorageRowError */
function toState(principalId: string, rows: readonly Row[]): PrincipalState {
  const unknown = rows.find(({ row }) => !isKnown(row));
  if (unknown !== undefined) {
    throw new StorageRowError(
      `Row ${redactText("row", unknown.row)} of principal ${principalId} is of a kind that this version does not know. It is left as it is.`,
      unknown.row,
    );
  }
  const head = rows.find(({ row }) => row === headRow);
  const {
    attempt: attemptId = null,
    rows: digest,
    ...known
  } = head === undefined ? { ...emptyHead, attempt: undefined, rows: "" } : parseContent(head, rowSchemas.head);
  const revocations = byKey(withPrefix(rows, revocationPrefix).map(readRevocation));
  const attempt = readAttempt(rows);
  const isIncomplete = rows.length > 0 && digest !== undefined && digest !== digestOf(rows.map(({ row }) => row));
  const isLost = head === undefined ? rows.length > 0 : attemptId !== (attempt?.id ?? null);
  return {
    ...emptyState(principalId),
    head: isIncomplete ? { ...known, incomplete: true } : known,
    holdings: byKey(withPrefix(rows, holdingPrefix).map((row) => parseContent(row, rowSchemas.holding))),
    ended: byKey(withPrefix(rows, endedPrefix).map((row) => parseContent(row, rowSchemas.ended))),
    revocations,
    attempt: isLost ? lostAttempt(rows, revocations.values()) : attempt,
    members: new Map(
      withPrefix(rows, membersPrefix)
        .flatMap(readMembers)
        .map((member) => [memberKey(member), member]),
    ),
    fanouts: byKey(withPrefix(rows, fanoutPrefix).map((row) => parseContent(row, rowSchemas.fanout))),
  };
}

function readAttempt(rows: readonly Row[]): Attempt | null {
  const row = rows.find((candidate) => candidate.row === attemptRow);
  return row === undefined ? null : { ...parseContent(row, rowSchemas.attempt), writtenAt: row.timestamp };
}

/** For an attempt whose row, or whose head, somebody deleted: its call may be under way, so it keeps its lease and is read back before another call. */
function lostAttempt(rows: readonly Row[], revocations: Iterable<PendingRevocation>): Attempt | null {
  const pending = [...revocations].filter(({ progress }) => progress.state === "pending");
  if (pending.length === 0) return null;
  return {
    id: lost,
    writtenAt: rows.reduce((newest, { timestamp }) => Math.max(newest, timestamp), 0),
    state: "open",
    covers: pending.map(({ key }) => key),
    uncertainSince: null,
  };
}

export function readRevocation(row: Row): PendingRevocation {
  if (has(row.content, "access")) return parseContent(row, rowSchemas.accessRevocation);
  if (has(row.content, "activity")) return parseContent(row, rowSchemas.ruleRevocation);
  return parseContent(row, rowSchemas.roleRevocation);
}

const has = (content: unknown, name: string): boolean =>
  typeof content === "object" && content !== null && name in content;

function readMembers(row: Row) {
  const chunk = Number(row.row.slice(membersPrefix.length));
  return parseContent(row, rowSchemas.members).members.map((member) => ({ ...member, chunk }));
}

const isKnown = (row: string): boolean =>
  row === headRow ||
  row === attemptRow ||
  [holdingPrefix, endedPrefix, revocationPrefix, membersPrefix, fanoutPrefix].some((prefix) => row.startsWith(prefix));

const withPrefix = (rows: readonly Row[], prefix: string) => rows.filter(({ row }) => row.startsWith(prefix));

/** Of the keys of a partition's rows. The head repeats it, so that a deleted row is noticed: a single row leaves no other trace. */
export const digestOf = (rows: Iterable<string>): string =>
  createHash("sha256")
    .update(
      [...rows]
        .filter((row) => row !== headRow)
        .toSorted()
        .join("\n"),
    )
    .digest("base64url");

const byKey = <T extends { key: string }>(entities: readonly T[]): ReadonlyMap<string, T> =>
  new Map(entities.map((entity) => [entity.key, entity]));

/** Row keys: one head, at most one attempt, and a row for each of the rest. */
export const headRow = "head";
export const attemptRow = "attempt";
export const holdingPrefix = "holding|";
export const endedPrefix = "ended|";
export const revocationPrefix = "revocation|";
export const membersPrefix = "members|";
export const fanoutPrefix = "fanout|";

/** The content of a principal's rows in storage. */
export const rowSchemas = {
  /** `attempt`: id of the attempt, which has its own row. The head repeats it, so that deleting that row does not end the lease. `rows`: see `digestOf`. */
  head: stored(headSchema).extend({ attempt: optional(text), rows: optional(text) }),
  attempt: stored(attemptSchema),
  holding: stored(holdingSchema),
  ended: stored(endedHoldingSchema),
  roleRevocation: stored(roleRevocationSchema),
  accessRevocation: stored(accessRevocationSchema),
  ruleRevocation: stored(ruleRevocationSchema),
  members: z.object({ schema: z.literal(1), members: z.array(memberSchema) }),
  fanout: stored(fanoutSchema),
};
