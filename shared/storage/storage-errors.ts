/** Every way in which storage can fail us. */

abstract class StorageErrorBase extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Somebody else changed the row first: nothing was written. Read again and start over. */
export class StorageConflictError extends StorageErrorBase {
  readonly code = "STORAGE_CONFLICT";
}

/** Too large or too many for the service: nothing was sent. Trying again changes nothing. */
export class StorageLimitError extends StorageErrorBase {
  readonly code = "STORAGE_LIMIT";
}

/** Storage did not answer, or with a failure of its own: the write may or may not have been applied. Try again later. */
export class StorageUnavailableError extends StorageErrorBase {
  readonly code: string = "STORAGE_UNAVAILABLE";
}

/** What is stored is sealed with a secret that we do not have: nothing was read or written. As long as that is so, storage is not there for us. */
export class StorageSealError extends StorageUnavailableError {
  override readonly code = "STORAGE_SEAL_UNKNOWN";
}

/** Storage refused us (401, 403, or a missing table or queue that we may not create): somebody has to act. */
export class StorageRefusedError extends StorageErrorBase {
  readonly code = "STORAGE_REFUSED";
}

/** A stored row is not what this version can read. It is left as it is, and nothing follows from it. */
export class StorageRowError extends StorageErrorBase {
  readonly code = "STORAGE_ROW_UNREADABLE";
  readonly row: string | null;

  /** @param row its key; null where storage returned none */
  constructor(message: string, row: string | null = null) {
    super(message);
    this.row = row;
  }
}

export const isStorageError = (error: unknown): error is StorageErrorBase => error instanceof StorageErrorBase;
