import type { Clock } from "../clock.ts";
import { tableNames } from "../queue-names.ts";
import { type DerivedKeys, deriveKeys, type Secrets } from "../secrets/derive-key.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Storage } from "./connect-storage.ts";
import { rememberSuccess } from "./remember-success.ts";
import { checkSeal, isRotated, renewSeals } from "./seal-check.ts";
import { createSealedTable, type SealedTableOptions } from "./sealed-table.ts";
import type { Table } from "./table.ts";

/** The app's two tables, sealed. */
export interface SealedStorage {
  readonly principals: Table;
  readonly state: Table;
  /** False while rows may still be sealed with `CUTOFF_SECRET_PREVIOUS`: it must not be removed yet. */
  isRotated(): Promise<boolean>;
  /** Goes on with the rotation of the secret; does nothing when there is none, or when it went on a moment ago. */
  rotate(): Promise<void>;
}

/** Milliseconds between two passes over everything while the secret is rotated. */
const rotateEvery = 60_000;

/** Seals the tables with keys derived from the app's secret. Nothing is read or written with a secret that the stored rows do not know. */
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

/** The table, each of whose calls waits for `ready` first. */
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
