import { toStorageError } from "./call-storage.ts";
import { StorageUnavailableError } from "./storage-errors.ts";
import type { Timed } from "./table.ts";

/** A function must not hang on storage: all tries of one call together, milliseconds. */
const callTimeout = 4_500;

/** What a call of an Azure SDK takes: it must be passed on, so that the call ends in time and tells its `Date`. */
export interface CallOptions {
  readonly abortSignal: AbortSignal;
  readonly onResponse: (response: { readonly headers: { get(name: string): string | undefined } }) => void;
}

/**
 * Makes one call of an Azure SDK with a deadline and gives its result with storage's time, the `Date` of the last answer.
 * @throws one of the errors of `storage-errors.ts` and nothing else.
 */
export async function callStorage<T>(call: (options: CallOptions) => Promise<T>): Promise<Timed<T>> {
  let date: string | undefined;
  try {
    const value = await call({
      abortSignal: AbortSignal.timeout(callTimeout),
      onResponse: ({ headers }) => {
        date = headers.get("date");
      },
    });
    const storageTime = Date.parse(date ?? "");
    if (Number.isNaN(storageTime))
      throw new StorageUnavailableError("Storage answered without a readable Date header.");
    return { value, storageTime };
  } catch (error) {
    throw toStorageError(error);
  }
}
