import { StorageConflictError, StorageSealError } from "./storage-errors.ts";
import type { Row, Table } from "./table.ts";

/** One row that tells whether the stored rows are sealed with a secret that we have. */
const partition = "seal";
const row = "check";
const content = { schema: 1 };

/**
 * Makes sure that our secret is the one that the stored rows are sealed with. Without this a wrong secret would make every row look forged,
 * and what is pending would be forgotten.
 * @throws StorageSealError when it is another one: nothing is read or written, so that nothing is lost.
 */
export async function checkSeal(state: Table): Promise<void> {
  if (await isSealed(state)) return;
  await unlessConflict(state.commit(partition, [{ type: "insert", row, content }]));
}

/**
 * Whether rows have been sealed at all. Reads only.
 * @throws StorageSealError when they are sealed with another secret than ours.
 */
export async function isSealed(state: Table): Promise<boolean> {
  const { value } = await state.get(partition, row);
  if (value?.seal !== "broken") return value !== undefined;
  throw new StorageSealError(
    "The stored rows are sealed with another secret than CUTOFF_SECRET: put that one into CUTOFF_SECRET_PREVIOUS. If it is lost, delete row " +
      `${row} of partition ${partition} in table state: everything is then watched anew, and what was pending is not carried out.`,
  );
}

/** What is left of a rotation: whether rows may still be sealed with the previous secret. */
export async function isRotated(state: Table): Promise<boolean> {
  const { value } = await state.get(partition, row);
  return value?.seal !== "old";
}

/**
 * Seals with the current secret what is sealed with the previous one; once nothing is left, the check as well. Content stays as it is, and
 * so does whatever somebody else writes meanwhile. Repeated as long as there is a previous secret: other instances may still have it.
 */
export async function renewSeals(state: Table, tables: readonly Table[]): Promise<void> {
  let left = 0;
  for (const table of tables) {
    for await (const found of table.scan("")) {
      if (found.seal !== "old" || (found.partition === partition && found.row === row)) continue;
      left += 1;
      await renew(table, found);
    }
  }
  const { value } = await state.get(partition, row);
  if (left === 0 && value?.seal === "old") await renew(state, value);
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
