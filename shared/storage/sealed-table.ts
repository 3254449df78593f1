import type { Clock } from "../base/clock.ts";
import { type DerivedKeys, deriveKeys, type Secrets } from "../base/keys.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { rememberSuccess } from "./call-storage.ts";
import type { Storage } from "./connect.ts";
import { tableNames } from "./queue.ts";
import { checkSeal, freshFor, isRotated, openContent, renewSeals, sealContent } from "./seal.ts";
import { type Operation, type Row, StorageConflictError, type Table, type Timed } from "./table.ts";

interface SealedTableOptions {
  /** Name of the table. It is part of the seal, so that a row does not verify in another table. */
  readonly name: string;
  readonly keys: DerivedKeys;
  readonly clock: Pick<Clock, "monotonic">;
  /** Called for every row whose seal does not hold, each time it is read. */
  readonly onForged: (row: Pick<Row, "partition" | "row"> & { readonly seal: "broken" | "replayed" }) => void;
  /** Verifies a row and takes its seal off; the simulation remembers the answer. */
  readonly openRow?: typeof openContent;
}

/**
 * A table whose rows carry a seal. The app acts on stored rows, and an attacker who can write to storage must not be able to cause a revoke. Writes
 * seal, reads verify. A row whose seal does not hold is marked and has no content: the code that reads it decides what that means, and nothing
 * follows from the row. Deleted rows leave no trace here: a missing row is a reason to ask Graph again, never to act (see `known-heads.ts`).
 */
export function createSealedTable(
  table: Table,
  { name, keys, clock, onForged, openRow = openContent }: SealedTableOptions,
): Table {
  let known: { readonly storageTime: number; readonly at: number } | null = null;

  /** Our time is taken before the call. If the process freezes meanwhile, its estimate of storage's time is too late, never too early. */
  async function timed<T>(call: () => Promise<Timed<T>>): Promise<Timed<T>> {
    const at = clock.monotonic();
    const answer = await call();
    known = { storageTime: answer.storageTime, at };
    return answer;
  }

  async function storageNow(partition: string, row: string): Promise<number> {
    if (known === null) await timed(() => table.get(partition, row));
    return known === null ? 0 : Math.floor(known.storageTime + clock.monotonic() - known.at);
  }

  function open(stored: Row): Row {
    const { partition, row, timestamp } = stored;
    const { seal, content } = openRow(stored.content, { table: name, partition, row }, timestamp, keys);
    if (seal === "broken" || seal === "replayed") onForged({ partition, row, seal });
    return { ...stored, content, seal };
  }

  const sealAll = (partition: string, operations: readonly Operation[], at: number): readonly Operation[] =>
    operations.map((operation) => {
      if (operation.type === "delete") return operation;
      const place = { table: name, partition, row: operation.row };
      return { ...operation, content: sealContent(operation.content, place, at, keys) };
    });

  const commit = (partition: string, operations: readonly Operation[], at: number) =>
    timed(() => table.commit(partition, sealAll(partition, operations, at)));

  return {
    async get(partition, row) {
      const { value, storageTime } = await timed(() => table.get(partition, row));
      return { value: value === undefined ? undefined : open(value), storageTime };
    },
    async list(partition, prefix) {
      const { value, storageTime } = await timed(() => table.list(partition, prefix));
      return { value: value.map(open), storageTime };
    },
    async *scan(prefix) {
      for await (const row of table.scan(prefix)) yield open(row);
    },
    async commit(partition, operations) {
      const at = operations[0] === undefined ? 0 : await storageNow(partition, operations[0].row);
      const written = await commit(partition, operations, at);
      const again = rewrites(operations, written.value);
      if (written.storageTime - at <= freshFor / 2 || again.length === 0) return written;
      // The process froze between sealing and sending: later readers would take the row for one that was put back.
      return unlessConflict(commit(partition, again, written.storageTime), written);
    },
  };
}

const rewrites = (operations: readonly Operation[], etags: ReadonlyMap<string, string>): readonly Operation[] =>
  operations.flatMap((operation) => {
    const etag = etags.get(operation.row);
    if (operation.type === "delete" || etag === undefined) return [];
    return { type: "replace", row: operation.row, content: operation.content, etag };
  });

async function unlessConflict<T>(second: Promise<T>, first: T): Promise<T> {
  try {
    return await second;
  } catch (error) {
    // Another instance has written since: our copy is old, and our next commit will fail with a conflict.
    if (error instanceof StorageConflictError) return first;
    throw error;
  }
}

/** The app's two tables with sealed rows. */
interface SealedStorage {
  readonly principals: Table;
  readonly state: Table;
  /** False while rows may still be sealed with `CUTOFF_SECRET_PREVIOUS`: it must not be removed yet. */
  isRotated(): Promise<boolean>;
  /** Continues the rotation of the secret; does nothing when there is none, or when it last ran a moment ago. */
  rotate(): Promise<void>;
}

/** Milliseconds between two passes over all rows while the secret is rotated. */
const rotateEvery = 60_000;

/** Seals the tables with keys derived from the app's secret. Nothing is read or written while the stored rows are sealed with a secret that the app does not have. */
export function sealStorage(
  storage: Pick<Storage, "table">,
  secrets: Secrets,
  { clock, telemetry }: { readonly clock: Pick<Clock, "monotonic">; readonly telemetry: Telemetry },
): SealedStorage {
  const keys: DerivedKeys = deriveKeys(secrets, "seal");
  const sealed = (name: "principals" | "state", onForged: SealedTableOptions["onForged"]) =>
    createSealedTable(storage.table(tableNames[name]), { name, keys, clock, onForged });
  const raising = (name: "principals" | "state") =>
    sealed(name, ({ partition, row, seal }) => telemetry.alarm("rowForged", { table: name, partition, row, seal }));
  const tables = { principals: raising("principals"), state: raising("state") };
  const silent = () => undefined;
  const quiet = [sealed("state", silent), sealed("principals", silent)];
  const ensureOurs = rememberSuccess(() =>
    checkSeal({ state: tables.state, quiet, isRotating: keys.previous !== null }),
  );
  const [principals, state] = [afterwards(tables.principals, ensureOurs), afterwards(tables.state, ensureOurs)];
  let rotatedAt = Number.NEGATIVE_INFINITY;
  return {
    principals,
    state,
    isRotated: () => isRotated(state),
    async rotate() {
      if (keys.previous === null || clock.monotonic() - rotatedAt < rotateEvery) return;
      await renewSeals(state, [principals, state]);
      rotatedAt = clock.monotonic();
    },
  };
}

/** A table whose calls first wait for `ready`. */
const afterwards = (table: Table, ready: () => Promise<void>): Table => ({
  async get(partition, row) {
    await ready();
    return table.get(partition, row);
  },
  async list(partition, prefix) {
    await ready();
    return table.list(partition, prefix);
  },
  async *scan(prefix) {
    await ready();
    yield* table.scan(prefix);
  },
  async commit(partition, operations) {
    await ready();
    return table.commit(partition, operations);
  },
});
