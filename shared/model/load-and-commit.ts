import { hash } from "node:crypto";
import { z } from "zod";
import {
  isForged,
  maxOperations,
  type Operation,
  optional,
  parseContent,
  putRow,
  type Row,
  StorageRowError,
  stored,
  type Table,
  text,
} from "../storage/table.ts";
import { redactText } from "../telemetry/redact.ts";
import { endedHoldingSchema, holdingSchema } from "./holding.ts";
import {
  type Attempt,
  accessRevocationSchema,
  attemptSchema,
  type PendingRevocation,
  roleRevocationSchema,
  ruleRevocationSchema,
} from "./pending-revocation.ts";
import {
  byKey,
  emptyHead,
  emptyState,
  fanoutSchema,
  headSchema,
  memberKey,
  memberSchema,
  type PrincipalState,
} from "./principal.ts";

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
  const kinds = Map.groupBy(rows, ({ row }) => kindOf(row));
  const ofKind = (kind: string): readonly Row[] => kinds.get(kind) ?? [];
  const unknown = rows.find(({ row }) => !known.has(kindOf(row)));
  if (unknown !== undefined) {
    throw new StorageRowError(
      `Row ${redactText("row", unknown.row)} of principal ${principalId} is of a kind that this version does not know. It is left as it is.`,
      unknown.row,
    );
  }
  const [head] = ofKind(headRow);
  const {
    attempt: attemptId = null,
    rows: digest,
    ...stored
  } = head === undefined ? { ...emptyHead, attempt: undefined, rows: "" } : parseContent(head, rowSchemas.head);
  const revocations = byKey(ofKind(revocationPrefix).map(readRevocation));
  const members = ofKind(membersPrefix).flatMap(readMembers);
  const attempt = readAttempt(rows);
  const isIncomplete = rows.length > 0 && digest !== undefined && digest !== digestOf(rows.map(({ row }) => row));
  const isLost = head === undefined ? rows.length > 0 : attemptId !== (attempt?.id ?? null);
  return {
    ...emptyState(principalId),
    head: isIncomplete ? { ...stored, incomplete: true } : stored,
    holdings: byKey(ofKind(holdingPrefix).map((row) => parseContent(row, rowSchemas.holding))),
    ended: byKey(ofKind(endedPrefix).map((row) => parseContent(row, rowSchemas.ended))),
    revocations,
    attempt: isLost ? lostAttempt(rows, revocations.values()) : attempt,
    members: new Map(members.map((member) => [memberKey(member), member])),
    fanouts: byKey(ofKind(fanoutPrefix).map((row) => parseContent(row, rowSchemas.fanout))),
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

/** The prefix of a row's key; the whole key of the two rows that are single. */
const kindOf = (row: string): string =>
  row === headRow || row === attemptRow ? row : row.slice(0, row.indexOf("|") + 1);

/** Of the keys of a partition's rows. The head repeats it, so that a deleted row is noticed: a single row leaves no other trace. */
export function digestOf(rows: Iterable<string>): string {
  const others = [...rows].filter((row) => row !== headRow).toSorted();
  return hash("sha256", others.join("\n"), "base64url");
}

/** Row keys: one head, at most one attempt, and a row for each of the rest. */
export const headRow = "head";
export const attemptRow = "attempt";
export const holdingPrefix = "holding|";
export const endedPrefix = "ended|";
export const revocationPrefix = "revocation|";
export const membersPrefix = "members|";
export const fanoutPrefix = "fanout|";
const known = new Set([headRow, attemptRow, holdingPrefix, endedPrefix, revocationPrefix, membersPrefix, fanoutPrefix]);

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

/**
 * Writes the rows that differ between `loaded` and `next`, in one transaction that is conditional on the head's etag. More than 100 rows take several:
 * pending revocations first, removals last, so that a crash in between repeats work but loses none. Returns the state as if it were loaded again.
 * @throws StorageConflictError when another process committed first: the caller discards its readings and starts over.
 */
export async function commitPrincipal(
  table: Table,
  loaded: LoadedPrincipal,
  next: PrincipalState,
): Promise<LoadedPrincipal> {
  const etags = new Map(loaded.etags);
  const changes = difference(loaded.state, next, etags, loaded.renew);
  const headBefore = toHead(loaded.state);
  const headAfter = toHead(next);
  const isHeadKept = etags.has(headRow) && !loaded.renew.has(headRow);
  if (changes.length === 0 && isHeadKept && isSame(headBefore, headAfter)) return { ...loaded, state: next };
  const chunks = split(changes);
  const rows = new Set([...etags.keys()].filter((row) => !loaded.renew.has(row)));
  let storageTime = loaded.storageTime;
  for (const [index, chunk] of chunks.entries()) {
    for (const { type, row } of chunk) type === "delete" ? rows.delete(row) : rows.add(row);
    const content = { ...(index === chunks.length - 1 ? headAfter : headBefore), rows: digestOf(rows) };
    const committed = await table.commit(next.principalId, [put(headRow, content, etags), ...chunk]);
    storageTime = committed.storageTime;
    for (const operation of chunk) if (operation.type === "delete") etags.delete(operation.row);
    for (const [row, etag] of committed.value) etags.set(row, etag);
  }
  const attempt =
    next.attempt !== null && next.attempt !== loaded.state.attempt
      ? { ...next.attempt, writtenAt: next.attempt.writtenAt ?? storageTime }
      : next.attempt;
  return { state: { ...next, attempt }, etags, storageTime, renew: new Set() };
}

const toHead = ({ head, attempt }: PrincipalState): object =>
  attempt === null ? { schema: 1, ...head } : { schema: 1, ...head, attempt: attempt.id };

type Entities = ReadonlyMap<string, object>;

/** What the rows hold, by the prefix of their keys, in the order in which a commit writes them; without the head. */
function toEntities({
  revocations,
  fanouts,
  attempt,
  holdings,
  ended,
  members,
}: PrincipalState): Map<string, Entities> {
  const { writtenAt: _, ...stored } = attempt ?? {};
  return new Map<string, Entities>([
    [revocationPrefix, revocations],
    [fanoutPrefix, fanouts],
    [attemptRow, new Map(attempt === null ? [] : [["", stored]])],
    [holdingPrefix, holdings],
    [endedPrefix, ended],
    [membersPrefix, toChunks(members)],
  ]);
}

function toChunks(members: PrincipalState["members"]): Entities {
  const chunks = new Map<string, object>();
  for (const [chunk, held] of Map.groupBy(members.values(), (member) => member.chunk)) {
    chunks.set(String(chunk), { members: held.map(({ chunk: _, ...member }) => member) });
  }
  return chunks;
}

/** A pass leaves most entities as they are, and their JSON need not be compared. */
const isSame = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

/** The operations in the order of `toEntities`, removals last, without the head. Rows in `renew` are written or removed even if nothing changed. */
function difference(
  before: PrincipalState,
  after: PrincipalState,
  etags: ReadonlyMap<string, string>,
  renew: ReadonlySet<string>,
): readonly Operation[] {
  const puts: Operation[] = [];
  const gone = new Set<string>();
  const kept = new Set([headRow]);
  const known = toEntities(before);
  for (const [prefix, entities] of toEntities(after)) {
    const loaded = known.get(prefix);
    for (const [key, entity] of entities) {
      const isChanged = !isSame(loaded?.get(key), entity);
      if (!isChanged && renew.size === 0) continue;
      const row = prefix + key;
      kept.add(row);
      if (isChanged || renew.has(row)) puts.push(put(row, { schema: 1, ...entity }, etags));
    }
    for (const key of loaded?.keys() ?? []) if (!entities.has(key)) gone.add(prefix + key);
  }
  for (const row of renew) if (!kept.has(row)) gone.add(row);
  const removals = [...gone].flatMap((row): Operation | [] => {
    const etag = etags.get(row);
    return etag === undefined ? [] : { type: "delete", row, etag };
  });
  return [...puts, ...removals];
}

const put = (row: string, content: unknown, etags: ReadonlyMap<string, string>): Operation =>
  putRow(row, content, etags.get(row));

/** Characters in one transaction: below 4 MiB (Azure docs: entity group transactions) at several bytes each. Only large member snapshots come near. */
const maxCharacters = 1_000_000;

/** Every transaction also holds the head, so it has room for 99 other rows. */
function split(operations: readonly Operation[]): readonly (readonly Operation[])[] {
  if (operations.length < 2) return [operations];
  const chunks: Operation[][] = [];
  let last: Operation[] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const operation of operations) {
    const size = operation.type === "delete" ? 0 : JSON.stringify(operation.content).length;
    if (last.length === maxOperations - 1 || characters + size > maxCharacters) {
      last = [];
      characters = 0;
      chunks.push(last);
    }
    last.push(operation);
    characters += size;
  }
  return chunks;
}
