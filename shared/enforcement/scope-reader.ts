import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { isGraphError } from "../graph/errors.ts";
import type { Dated } from "../graph/graph.ts";
import type { ListedPrincipal } from "../graph/named-principals.ts";
import { parseRows } from "../storage/rows.ts";
import type { Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { type Remembered, resolveScope, type Scope, type ScopeSettings } from "./scope.ts";

/**
 * Whom the lists of principals mean, by a reading that began after the call, or at most `maxAge` milliseconds before it.
 * @throws the errors of storage: then nobody may be revoked.
 */
export type ReadScope = (maxAge?: number) => Promise<Scope>;

interface ScopeReaderOptions {
  readonly settings: ScopeSettings;
  readonly state: Table;
  readonly readListed: (ids: readonly string[]) => Promise<Dated<readonly ListedPrincipal[]>>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

const partition = "scope";
const schema = z.object({
  schema: z.literal(1),
  entry: z.discriminatedUnion("kind", [
    z.object({ id: z.string(), kind: z.literal("user") }),
    z.object({
      id: z.string(),
      kind: z.literal("group"),
      assignableToRole: z.boolean(),
      members: z.array(z.string()),
    }),
  ]),
});

/** Members of a group that one row of a table can hold (1 MiB) with room to spare. Of a larger one nothing is remembered. */
const largestRemembered = 20_000;

/** An unchanged entry is written again after this long, so that its age stays true to the minute; milliseconds. */
const writeEvery = 60_000;

/** After a failed reading the last known lists serve for so long: a reading that takes long to fail must not make every revoke too old to be made. */
const failedFor = 15_000;

/**
 * One per process. Those who ask while a reading is under way share the next one, so that many revokes at once cost few readings. An entry
 * that Graph has called a user is not asked about again: what an id stands for never changes.
 */
export function createScopeReader({ settings, state, readListed, clock, telemetry }: ScopeReaderOptions): ReadScope {
  const { included, excluded } = settings;
  const ids = [...new Set([...(included === "all" ? [] : included), ...excluded])];
  const users = new Map<string, ListedPrincipal>();
  let last: { readonly scope: Scope; readonly at: number } | null = null;
  let failedAt: number | null = null;
  let tail: Promise<unknown> = Promise.resolve();
  let next: Promise<Scope> | null = null;

  async function ask(at: number): Promise<ReadonlyMap<string, ListedPrincipal>> {
    const unsure = ids.filter((id) => !users.has(id));
    if (unsure.length === 0) return users;
    if (failedAt !== null && at - failedAt < failedFor) return users;
    try {
      const { value } = await readListed(unsure);
      failedAt = null;
      for (const entry of value) if (entry.kind === "user") users.set(entry.id, entry);
      return new Map([...users, ...value.map((entry): [string, ListedPrincipal] => [entry.id, entry])]);
    } catch (error) {
      if (!isGraphError(error)) throw error;
      failedAt = clock.monotonic();
      const { code, status = null, message } = error;
      telemetry.alarm("scopeUnread", { code, status, message });
      return users;
    }
  }

  async function read(): Promise<Scope> {
    const at = clock.monotonic();
    if (users.size === ids.length && last !== null) return last.scope;
    const answered = await ask(at);
    const { remembered, unreadable } = await load(state);
    for (const row of unreadable) {
      telemetry.alarm("rowUnreadable", { partition, row, code: "STORAGE_ROW_UNREADABLE" });
    }
    const scope = resolveScope(settings, answered, remembered);
    await remember(
      state,
      [...answered.values()].filter(({ id }) => !unreadable.has(id)),
      remembered,
    );
    last = { scope, at };
    return scope;
  }

  return (maxAge = 0) => {
    if (last !== null && maxAge > 0 && clock.monotonic() - last.at <= maxAge) return Promise.resolve(last.scope);
    if (next !== null) return next;
    const reading = tail.then(() => {
      next = null;
      return read();
    });
    // Every caller that shares it gets its failure; the next reading only waits for its end.
    tail = reading.catch(() => undefined);
    next = reading;
    return reading;
  };
}

interface Memory {
  readonly remembered: ReadonlyMap<string, Remembered>;
  /** Ids of entries that another version wrote. */
  readonly unreadable: ReadonlySet<string>;
}

/** An entry that is forged or of another version counts as not remembered: whoever hangs on it is held until Graph can be read. */
async function load(state: Table): Promise<Memory> {
  const { value: rows, storageTime } = await state.list(partition);
  const { read, unreadable } = parseRows(rows, schema);
  const remembered = read.map(({ row, content: { entry } }): [string, Remembered] => [
    entry.id,
    { entry, age: storageTime - row.timestamp },
  ]);
  return { remembered: new Map(remembered), unreadable: new Set(unreadable.map(({ row }) => row)) };
}

/** The last writer wins: every instance asks Graph the same. */
async function remember(
  state: Table,
  answered: readonly ListedPrincipal[],
  remembered: ReadonlyMap<string, Remembered>,
): Promise<void> {
  for (const entry of answered) {
    if (!isNews(entry, remembered)) continue;
    await state.commit(partition, [{ type: "upsert", row: entry.id, content: { schema: 1, entry } }]);
  }
}

function isNews(entry: ListedPrincipal, remembered: ReadonlyMap<string, Remembered>): boolean {
  if (entry.kind === "unknown" || (entry.kind === "group" && entry.members.length > largestRemembered)) return false;
  const before = remembered.get(entry.id);
  if (before === undefined || JSON.stringify(before.entry) !== JSON.stringify(entry)) return true;
  return entry.kind === "group" && before.age >= writeEvery;
}
