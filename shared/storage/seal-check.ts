import { StorageConflictError, StorageSealError } from "./storage-errors.ts";
import { isForged, type Operation, type Row, type Table } from "./table.ts";

/** One row that tells whether the stored rows are sealed with a secret that we have. */
const partition = "seal";
const row = "check";
const content = { schema: 1 };
/** It is there as long as rows may be sealed with the previous secret. */
const rotatingRow = "rotating";

export interface CheckedTables {
  readonly state: Table;
  /** All tables, to look for a row of ours: they raise nothing of what they find, since with a wrong secret that is every row. */
  readonly quiet: readonly Table[];
  /** Whether there is a previous secret. */
  readonly isRotating: boolean;
}

/**
 * Makes sure that our secret is the one that the stored rows are sealed with. Without this a wrong secret would make every row look forged,
 * and what is pending would be forgotten. A spoilt check among rows that verify is forged, and written anew: else whoever writes to storage
 * could stop every new instance.
 * @throws StorageSealError when it is another one: nothing is read or written, so that nothing is lost.
 */
export async function checkSeal({ state, quiet, isRotating }: CheckedTables): Promise<void> {
  const { value } = await state.get(partition, row);
  if (value !== undefined && value.seal !== "broken") return;
  if (value !== undefined) await ensureOurs(state, quiet);
  const check: Operation =
    value === undefined ? { type: "insert", row, content } : { type: "replace", row, content, etag: value.etag };
  // What the check would have said of the rotation is lost.
  const rotating: readonly Operation[] =
    value !== undefined && isRotating ? [{ type: "upsert", row: rotatingRow, content }] : [];
  await unlessConflict(state.commit(partition, [check, ...rotating]));
}

/**
 * Whether rows have been sealed at all. Reads only.
 * @throws StorageSealError when they are sealed with another secret than ours.
 */
export async function isSealed(state: Table): Promise<boolean> {
  const { value } = await state.get(partition, row);
  if (value?.seal === "broken") await ensureOurs(state, [state]);
  return value !== undefined;
}

/** With a broken check: some other row must be ours, and the previous secret not one that was removed too early. */
async function ensureOurs(state: Table, tables: readonly Table[]): Promise<void> {
  const { value: rotating } = await state.get(partition, rotatingRow);
  const isTooEarly = rotating !== undefined && !isForged(rotating);
  if (!isTooEarly && (await hasOurs(tables))) return;
  throw new StorageSealError(
    "The stored rows are sealed with another secret than CUTOFF_SECRET: put that one into CUTOFF_SECRET_PREVIOUS. If it is lost, delete row " +
      `${row} of partition ${partition} in table state: everything is then watched anew, and what was pending is not carried out.`,
  );
}

async function hasOurs(tables: readonly Table[]): Promise<boolean> {
  for (const table of tables) {
    for await (const found of table.scan("")) if (!isForged(found)) return true;
  }
  return false;
}

/** What is left of a rotation: whether rows may still be sealed with the previous secret. */
export async function isRotated(state: Table): Promise<boolean> {
  const { value: rows } = await state.list(partition);
  return rows.every((found) => found.seal !== "old" && (found.row !== rotatingRow || isForged(found)));
}

/**
 * Seals with the current secret what is sealed with the previous one; once nothing is left, the check as well. Content stays as it is, and
 * so does whatever somebody else writes meanwhile. Repeated as long as there is a previous secret: other instances may still have it.
 */
export async function renewSeals(state: Table, tables: readonly Table[]): Promise<void> {
  let left = 0;
  for (const table of tables) {
    for await (const found of table.scan("")) {
      if (found.seal !== "old" || found.partition === partition) continue;
      if (left === 0) await state.commit(partition, [{ type: "upsert", row: rotatingRow, content }]);
      left += 1;
      await renew(table, found);
    }
  }
  if (left > 0) return;
  const { value: rows } = await state.list(partition);
  const done = rows.flatMap((found): readonly Operation[] => {
    const { etag } = found;
    if (found.row === rotatingRow) return [{ type: "delete", row: rotatingRow, etag }];
    return found.row === row && found.seal === "old" ? [{ type: "replace", row, content, etag }] : [];
  });
  if (done.length > 0) await unlessConflict(state.commit(partition, done));
}

const renew = (table: Table, { partition, row, etag, content }: Row): Promise<void> =>
  unlessConflict(table.commit(partition, [{ type: "replace", row, etag, content }]));

async function unlessConflict(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    // Somebody else has written it, with the secret of today.
    if (!(error instanceof StorageConflictError)) throw error;
  }
}
