import { maxOperations, type Operation, putRow, type Table } from "../storage/table.ts";
import {
  attemptRow,
  digestOf,
  endedPrefix,
  fanoutPrefix,
  headRow,
  holdingPrefix,
  type LoadedPrincipal,
  membersPrefix,
  revocationPrefix,
} from "./load.ts";
import type { PrincipalState } from "./principal.ts";

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
  const before = toContents(loaded.state);
  const after = toContents(next);
  const etags = new Map(loaded.etags);
  const changes = difference(before, after, etags, loaded.renew);
  const headBefore = before.get(headRow);
  const headAfter = after.get(headRow);
  const isHeadSame = etags.has(headRow) && isSame(headBefore, headAfter);
  if (changes.length === 0 && isHeadSame && !loaded.renew.has(headRow)) {
    return { ...loaded, state: next };
  }
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

function toContents({
  head,
  holdings,
  ended,
  revocations,
  attempt,
  members,
  fanouts,
}: PrincipalState): Map<string, object> {
  const headContent = attempt === null ? toContent(head) : { schema: 1, ...head, attempt: attempt.id };
  const contents = new Map<string, object>([[headRow, headContent]]);
  for (const [key, revocation] of revocations) contents.set(revocationPrefix + key, toContent(revocation));
  for (const [key, fanout] of fanouts) contents.set(fanoutPrefix + key, toContent(fanout));
  if (attempt !== null) {
    const { writtenAt: _, ...stored } = attempt;
    contents.set(attemptRow, { schema: 1, ...stored });
  }
  for (const [key, holding] of holdings) contents.set(holdingPrefix + key, toContent(holding));
  for (const [key, one] of ended) contents.set(endedPrefix + key, toContent(one));
  for (const [chunk, held] of Map.groupBy(members.values(), (member) => member.chunk)) {
    const stored = held.map(({ chunk: _, ...member }) => member);
    contents.set(membersPrefix + chunk, { schema: 1, members: stored });
  }
  return contents;
}

const contents = new WeakMap<object, object>();

/** Caches the document of each object: a pass leaves most objects as they are, and their JSON need not be compared. */
function toContent(entity: object): object {
  const known = contents.get(entity);
  if (known !== undefined) return known;
  const content = { schema: 1, ...entity };
  contents.set(entity, content);
  return content;
}

const isSame = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

/** The operations in the order of `toContents`, removals last, without the head. Rows in `renew` are written or removed even if nothing changed. */
function difference(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
  etags: ReadonlyMap<string, string>,
  renew: ReadonlySet<string>,
): readonly Operation[] {
  const puts = [...after]
    .filter(([row, content]) => row !== headRow && (renew.has(row) || !isSame(before.get(row), content)))
    .map(([row, content]) => put(row, content, etags));
  const removals = [...new Set([...before.keys(), ...renew])]
    .filter((row) => etags.has(row) && !after.has(row))
    .map((row): Operation => ({ type: "delete", row, etag: etags.get(row) ?? "" }));
  return [...puts, ...removals];
}

const put = (row: string, content: unknown, etags: ReadonlyMap<string, string>): Operation =>
  putRow(row, content, etags.get(row));

/** Characters in one transaction: below 4 MiB (Azure docs: entity group transactions) at several bytes each. Only large member snapshots come near. */
const maxCharacters = 1_000_000;

/** Every transaction also holds the head, so it has room for 99 other rows. */
function split(operations: readonly Operation[]): readonly (readonly Operation[])[] {
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
  return chunks.length === 0 ? [[]] : chunks;
}
