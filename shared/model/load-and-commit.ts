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
  fanoutSchema,
  headSchema,
  type Member,
  memberKey,
  memberSchema,
  type PrincipalState,
  pendingOf,
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
 * Reads all rows of a principal. The head is in the first page: a commit on its etag proves that the rows of later pages are unchanged, too.
 * A row with an invalid seal counts as not stored: a privilege that Graph still shows begins a new holding, and no revoke follows from the missing row.
 * @throws StorageRowError when a row cannot be read by this version.
 */
export async function loadPrincipal(table: Table, principalId: string): Promise<LoadedPrincipal> {
  const { value: rows, storageTime } = await table.list(principalId);
  const trusted = rows.filter((row) => !isForged(row));
  const { state, isLost } = readState(principalId, trusted);
  const renew = new Set(rows.filter(isForged).map(({ row }) => row));
  if (state.head.incomplete === true) renew.add(headRow);
  if (isLost) renew.add(attemptRow);
  return { state, etags: new Map(rows.map(({ row, etag }) => [row, etag])), storageTime, renew };
}

/** `isLost`: the attempt is not the one that is stored. @throws StorageRowError */
function readState(principalId: string, rows: readonly Row[]) {
  const byKind = Map.groupBy(rows, kindOf);
  const unknown = rows.find((row) => !kinds.has(kindOf(row)));
  if (unknown !== undefined) {
    throw new StorageRowError(
      `Row ${redactText("row", unknown.row)} of principal ${principalId} is of a kind that this version does not know. It is left as it is.`,
      unknown.row,
    );
  }
  const all = <T>(prefix: string, read: (row: Row) => T): readonly T[] => (byKind.get(prefix) ?? []).map(read);
  const [written = null] = all(attemptRow, (row) => ({
    ...parseContent(row, rowSchemas.attempt),
    writtenAt: row.timestamp,
  }));
  // Of a head that somebody deleted, neither the digest nor the attempt agrees with the other rows.
  const absent = { ...emptyHead, ...(rows.length === 0 ? {} : { attempt: "", rows: "" }) };
  const [found = absent] = all(headRow, (row) => parseContent(row, rowSchemas.head));
  const { attempt: attemptId = null, rows: digest, ...head } = found;
  const isIncomplete = digest !== undefined && digest !== digestOf(rows.map(({ row }) => row));
  const revocations = byKey(all(revocationPrefix, readRevocation));
  const attempt = attemptId === (written?.id ?? null) ? written : lostAttempt(rows, revocations);
  const state: PrincipalState = {
    principalId,
    head: isIncomplete ? { ...head, incomplete: true } : head,
    holdings: byKey(all(holdingPrefix, (row) => parseContent(row, rowSchemas.holding))),
    ended: byKey(all(endedPrefix, (row) => parseContent(row, rowSchemas.ended))),
    revocations,
    attempt,
    members: new Map(all(membersPrefix, readMembers).flat()),
    fanouts: byKey(all(fanoutPrefix, (row) => parseContent(row, rowSchemas.fanout))),
  };
  return { state, isLost: attempt !== written };
}

/** For an attempt whose row, or whose head, somebody deleted: its call may be under way, so it keeps its lease and is read back before another call. */
function lostAttempt(rows: readonly Row[], revocations: PrincipalState["revocations"]): Attempt | null {
  const pending = pendingOf({ revocations });
  if (pending.length === 0) return null;
  const writtenAt = Math.max(...rows.map(({ timestamp }) => timestamp));
  return { id: "lost", writtenAt, state: "open", covers: pending.map(({ key }) => key), uncertainSince: null };
}

export function readRevocation(row: Pick<Row, "partition" | "row" | "content">): PendingRevocation {
  if (has(row.content, "access")) return parseContent(row, rowSchemas.accessRevocation);
  if (has(row.content, "activity")) return parseContent(row, rowSchemas.ruleRevocation);
  return parseContent(row, rowSchemas.roleRevocation);
}

const has = (content: unknown, name: string): boolean =>
  typeof content === "object" && content !== null && name in content;

function readMembers(row: Row) {
  const chunk = Number(row.row.slice(membersPrefix.length));
  const { members } = parseContent(row, rowSchemas.members);
  return members.map((member) => [memberKey(member), { ...member, chunk }] as const);
}

/** Of the keys of a partition's rows. The head repeats it, so that a deleted row is noticed: a single row leaves no other trace. */
export function digestOf(rows: Iterable<string>): string {
  const others = [...rows].filter((row) => row !== headRow).toSorted();
  return hash("sha256", others.join("\n"), "base64url");
}

/** Row keys: one head, at most one attempt, and a row for each of the rest. */
export const headRow = "head";
export const attemptRow = "attempt";
export const holdingPrefix = "holding|";
const endedPrefix = "ended|";
export const revocationPrefix = "revocation|";
const membersPrefix = "members|";
const fanoutPrefix = "fanout|";
const kinds = new Set([headRow, attemptRow, holdingPrefix, endedPrefix, revocationPrefix, membersPrefix, fanoutPrefix]);
const kindOf = ({ row }: Row): string => row.slice(0, row.indexOf("|") + 1) || row;

/** The content of a principal's rows in storage. */
export const rowSchemas = {
  /** `attempt`: id of the attempt, which has its own row. The head repeats it, so that deleting that row does not end the lease. `rows`: see `digestOf`. */
  head: stored(headSchema.extend({ attempt: optional(text), rows: optional(text) })),
  attempt: stored(attemptSchema),
  holding: stored(holdingSchema),
  ended: stored(endedHoldingSchema),
  roleRevocation: stored(roleRevocationSchema),
  accessRevocation: stored(accessRevocationSchema),
  ruleRevocation: stored(ruleRevocationSchema),
  members: stored(z.object({ members: z.array(memberSchema) })),
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
  const changes = difference(loaded, next);
  const [headBefore, headAfter] = [toHead(loaded.state), toHead(next)];
  const isHeadStored = etags.has(headRow) && !loaded.renew.has(headRow);
  if (changes.length === 0 && isHeadStored && isSame(headBefore, headAfter)) return { ...loaded, state: next };
  const rows = new Set([...etags.keys()].filter((row) => !loaded.renew.has(row)));
  const chunks = split(changes);
  let { storageTime } = loaded;
  for (const chunk of chunks) {
    for (const { type, row } of chunk) type === "delete" ? rows.delete(row) : rows.add(row);
    const head = { ...(chunk === chunks.at(-1) ? headAfter : headBefore), rows: digestOf(rows) };
    const committed = await table.commit(next.principalId, [putRow(headRow, head, etags.get(headRow)), ...chunk]);
    storageTime = committed.storageTime;
    for (const { type, row } of chunk) if (type === "delete") etags.delete(row);
    for (const [row, etag] of committed.value) etags.set(row, etag);
  }
  const attempt = next.attempt?.writtenAt === null ? { ...next.attempt, writtenAt: storageTime } : next.attempt;
  return { state: { ...next, attempt }, etags, storageTime, renew: new Set() };
}

const toHead = ({ head, attempt }: PrincipalState): object => ({ schema: 1, ...head, attempt: attempt?.id });

/** What the rows hold, in the order in which a commit writes them; without the head. */
function toRows({ revocations, fanouts, attempt, holdings, ended, members }: PrincipalState) {
  const toChunk = (held: readonly Member[]) => ({ members: held.map(({ chunk: _, ...member }) => member) });
  const { writtenAt: _, ...stored } = attempt ?? {};
  const rows = new Map<string, object>();
  const add = (prefix: string, entities: ReadonlyMap<string, object>) => {
    for (const [key, entity] of entities) rows.set(prefix + key, entity);
  };
  add(revocationPrefix, revocations);
  add(fanoutPrefix, fanouts);
  if (attempt !== null) rows.set(attemptRow, stored);
  add(holdingPrefix, holdings);
  add(endedPrefix, ended);
  const chunks = Map.groupBy(members.values(), ({ chunk }) => chunk);
  for (const [chunk, held] of chunks) rows.set(membersPrefix + chunk, toChunk(held));
  return rows;
}

/** The operations in the order of `toRows`, removals last, without the head. */
function difference({ state, etags, renew }: LoadedPrincipal, next: PrincipalState): readonly Operation[] {
  const before = toRows(state);
  const after = toRows(next);
  const isKept = (row: string, content: object) => !renew.has(row) && isSame(before.get(row), content);
  const puts = [...after]
    .filter(([row, content]) => !isKept(row, content))
    .map(([row, content]) => putRow(row, { schema: 1, ...content }, etags.get(row)));
  const removals = [...etags]
    .filter(([row]) => row !== headRow && !after.has(row))
    .map(([row, etag]): Operation => ({ type: "delete", row, etag }));
  return [...puts, ...removals];
}

/** A pass leaves most entities as they are, and their JSON need not be compared. */
const isSame = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

/** Characters in one transaction: below 4 MiB (Azure docs: entity group transactions) at several bytes each. Only large member snapshots come near. */
const maxCharacters = 1_000_000;

/** Every transaction also holds the head, so it has room for 99 other rows. Without any operation there is one for the head alone. */
function split(operations: readonly Operation[]): readonly (readonly Operation[])[] {
  // One row always fits.
  if (operations.length < 2) return [operations];
  let last: Operation[] = [];
  let characters = 0;
  const chunks = [last];
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
