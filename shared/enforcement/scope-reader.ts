import { z } from "zod";
import type { Clock, MonotonicTime, StorageTime } from "../base/clock.ts";
import { failureOf, isGraphError } from "../graph/errors.ts";
import type { Dated } from "../graph/graph.ts";
import type { ListedPrincipal } from "../graph/people.ts";
import { shareNext } from "../storage/call-storage.ts";
import { optional, parseRows, type Table, text } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { type Remembered, resolveScope, type Scope, type ScopeSettings } from "./policy.ts";

/**
 * Resolves the lists of principals, by a reading that began after the call or at most `maxAge` milliseconds before it.
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
    z.object({ id: text, kind: z.literal("user") }),
    z.object({ id: text, kind: z.literal("group"), assignableToRole: z.boolean(), members: z.array(text) }),
  ]),
  /** Only for a group: see `Remembered`. Absent until somebody joined. */
  joined: optional(z.record(text, z.number())),
});

/** Members of a group that one row of a table (1 MiB) holds with room to spare. A larger group is not remembered. */
const largestRemembered = 20_000;

/** The most alarms, one a principal, when the same happened to many at once; each gives the total. */
export const mostNamed = 20;

/** An unchanged entry is written again after this long, so that its age stays true to the minute; milliseconds. */
const writeEvery = 60_000;

/** Milliseconds for which the last known lists serve after a failed reading: waiting for each slow failure would make every user's reading too old. */
const failedFor = 15_000;

/**
 * One per process. Callers that ask while a reading is under way share the next one, so that many revokes at once cost few readings. An entry
 * that Graph answered as a user is not read again, since an id never stands for anything else.
 */
export function createScopeReader({ settings, state, readListed, clock, telemetry }: ScopeReaderOptions): ReadScope {
  const { included, excluded } = settings;
  const ids = [...new Set([...(included === "all" ? [] : included), ...excluded])];
  const users = new Map<string, ListedPrincipal>();
  /** What this process knows to be stored. The app removes no such row, so one that is gone was deleted, and its members are no new ones. */
  const stored = new Map<string, Remembered>();
  let last: { readonly scope: Scope; readonly at: MonotonicTime } | null = null;
  let failedAt: MonotonicTime = Number.NEGATIVE_INFINITY;

  async function ask(at: MonotonicTime): Promise<ReadonlyMap<string, ListedPrincipal>> {
    const unsure = ids.filter((id) => !users.has(id));
    if (unsure.length === 0 || at - failedAt < failedFor) return users;
    try {
      const { value } = await readListed(unsure);
      for (const entry of value) if (entry.kind === "user") users.set(entry.id, entry);
      return new Map([...users, ...value.map((entry): [string, ListedPrincipal] => [entry.id, entry])]);
    } catch (error) {
      if (!isGraphError(error)) throw error;
      failedAt = clock.monotonic();
      telemetry.alarm("scopeUnread", failureOf(error));
      return users;
    }
  }

  /** Raises one alarm for each person who joined an excluded group or left an included one. */
  function reportExemptions(before: Remembered["entry"], now: Remembered["entry"]): void {
    const raise = (change: string, ids: readonly string[]) => {
      for (const principalId of ids.slice(0, mostNamed)) {
        telemetry.alarm("exemptionsChanged", { groupId: now.id, principalId, change, principals: ids.length });
      }
    };
    if (excluded.has(now.id)) raise("entered", added(before, now));
    if (included !== "all" && included.has(now.id)) raise("left", added(now, before));
  }

  const readNext = shareNext(async () => {
    const at = clock.monotonic();
    if (users.size === ids.length && last !== null) return last.scope;
    const answered = await ask(at);
    const { value: rows, storageTime } = await state.list(partition);
    // An entry that is forged or of another version counts as not remembered: revocations that depend on it are held until Graph can be read.
    const { read, unreadable } = parseRows(rows, schema);
    const code = "STORAGE_ROW_UNREADABLE";
    for (const { row } of unreadable) telemetry.alarm("rowUnreadable", { partition, row, code });
    const kept = read.map(({ row, content }) => ({ joined: {}, ...content, age: storageTime - row.timestamp }));
    const remembered = new Map<string, Remembered>(kept.map((one) => [one.entry.id, one]));
    for (const entry of answered.values()) {
      if (entry.kind === "unknown") continue;
      const known = remembered.get(entry.id);
      const before = known ?? stored.get(entry.id);
      const now = note(entry, before, storageTime);
      remembered.set(entry.id, now);
      if (unreadable.some(({ row }) => row === entry.id)) continue;
      if (known === undefined && before !== undefined)
        telemetry.alarm("rowsVanished", { partition, row: entry.id, principals: membersOf(entry).length });
      if (known !== undefined) stored.set(entry.id, now);
      if (!isNews(now, known)) continue;
      // The last writer wins: every instance reads the same from Graph.
      const content = { schema: 1, entry, joined: now.joined };
      await state.commit(partition, [{ type: "upsert", row: entry.id, content }]);
      stored.set(entry.id, now);
      if (before !== undefined) reportExemptions(before.entry, entry);
    }
    last = { scope: resolveScope(settings, answered, remembered), at };
    return last.scope;
  });

  return async (maxAge = 0) =>
    last !== null && maxAge > 0 && clock.monotonic() - last.at <= maxAge ? last.scope : readNext();
}

const membersOf = (entry: Remembered["entry"]): readonly string[] => (entry.kind === "group" ? entry.members : []);

function added(before: Remembered["entry"], now: Remembered["entry"]): readonly string[] {
  const known = new Set(membersOf(before));
  return membersOf(now).filter((id) => !known.has(id));
}

/** The entry to remember from now on. Members at a group's first reading count as having always been in it. Pure. */
function note(entry: Remembered["entry"], before: Remembered | undefined, now: StorageTime): Remembered {
  if (before === undefined) return { entry, age: 0, joined: {} };
  const fresh = added(before.entry, entry).map((id) => [id, now] as const);
  const kept = Object.entries(before.joined).filter(([id]) => membersOf(entry).includes(id));
  return { entry, age: before.age, joined: Object.fromEntries([...kept, ...fresh]) };
}

function isNews({ entry }: Remembered, before: Remembered | undefined): boolean {
  if (membersOf(entry).length > largestRemembered) return false;
  if (before === undefined || JSON.stringify(before.entry) !== JSON.stringify(entry)) return true;
  return entry.kind === "group" && before.age >= writeEvery;
}
