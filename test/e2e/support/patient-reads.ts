import { StorageUnavailableError, type Table } from "../../../shared/storage/table.ts";

/** Many hosts that start at once can keep the shared Azurite from answering within a call's deadline; seldom several times in a row. */
const tries = 5;

/**
 * A table whose reads try again where the app would come back later by a queue message: what a test reads is no worse for a slow machine.
 * Writes do not: storage may have applied them.
 */
export function patientReads(table: Table): Table {
  return {
    ...table,
    get: (partition, row) => tryAgain(() => table.get(partition, row)),
    list: (partition, prefix) => tryAgain(() => table.list(partition, prefix)),
  };
}

async function tryAgain<T>(read: () => Promise<T>): Promise<T> {
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await read();
    } catch (error) {
      if (left === 0 || !(error instanceof StorageUnavailableError)) throw error;
    }
  }
}
