import { checkKey, checkPrefix } from "./check-key.ts";
import { type PreparedOperation, prepareCommit } from "./prepare-commit.ts";
import { fromProperties } from "./row-content.ts";
import { StorageConflictError } from "./storage-errors.ts";
import type { Row, Table } from "./table.ts";

interface StoredRow {
  readonly etag: string;
  readonly timestamp: number;
  /** Parsed once for all who read it: nobody can change it. */
  readonly content: unknown;
}

/**
 * The in-memory twin of an Azure table, for the simulation and for unit tests: same conditions, limits, order and key rules.
 * Each call takes effect at once and whole. `now` is storage's time, epoch milliseconds.
 */
export function createMemoryTable({ now }: { readonly now: () => number }): Table {
  const partitions = new Map<string, ReadonlyMap<string, StoredRow>>();
  let writes = 0;

  const rowsOf = (partition: string) => partitions.get(partition) ?? new Map<string, StoredRow>();

  const read = (partition: string, row: string): Row | undefined => {
    const stored = rowsOf(partition).get(row);
    return stored === undefined ? undefined : { partition, row, ...stored };
  };

  // Like the Date header that it stands for, storage's time comes in whole seconds.
  const timed = <T>(value: T) => ({ value, storageTime: Math.floor(now() / 1000) * 1000 });

  return {
    async get(partition, row) {
      checkKey(partition);
      checkKey(row);
      return timed(read(partition, row));
    },

    async list(partition, prefix = "") {
      checkKey(partition);
      checkPrefix(prefix);
      const keys = matchingKeys(rowsOf(partition), prefix);
      return timed(keys.flatMap((row) => read(partition, row) ?? []));
    },

    async *scan(prefix) {
      checkPrefix(prefix);
      for (const partition of [...partitions.keys()].sort()) {
        for (const row of matchingKeys(rowsOf(partition), prefix)) {
          const found = read(partition, row);
          if (found !== undefined) yield found;
        }
      }
    },

    async commit(partition, operations) {
      const prepared = prepareCommit(partition, operations);
      const rows = new Map(rowsOf(partition));
      const etags = new Map<string, string>();
      for (const operation of prepared) {
        checkCondition(rows.get(operation.row), operation);
        if (operation.type === "delete") {
          rows.delete(operation.row);
        } else {
          writes += 1;
          const etag = `W/"${writes}"`;
          rows.set(operation.row, { etag, timestamp: now(), content: freeze(fromProperties(operation.properties)) });
          etags.set(operation.row, etag);
        }
      }
      const isNew = prepared.some(({ row }) => !rowsOf(partition).has(row));
      partitions.set(partition, isNew ? inOrder(rows) : rows);
      return timed(etags);
    },
  };
}

/** Keys are ASCII, so the order of UTF-16 code units is Azure's order. */
const inOrder = (rows: ReadonlyMap<string, StoredRow>): ReadonlyMap<string, StoredRow> =>
  new Map([...rows].sort(([one], [other]) => (one < other ? -1 : 1)));

const matchingKeys = (rows: ReadonlyMap<string, StoredRow>, prefix: string): string[] =>
  [...rows.keys()].filter((row) => row.startsWith(prefix));

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value;
}

function checkCondition(stored: StoredRow | undefined, operation: PreparedOperation): void {
  if (operation.type === "upsert") return;
  if (operation.type === "insert") {
    if (stored !== undefined) throw new StorageConflictError("The row to insert exists already: read again.");
  } else if (stored?.etag !== operation.etag) {
    throw new StorageConflictError("The row was changed or removed since it was read: read again.");
  }
}
