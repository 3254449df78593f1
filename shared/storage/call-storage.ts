import { RestError } from "@azure/data-tables";
import { z } from "zod";
import {
  isStorageError,
  StorageConflictError,
  StorageLimitError,
  StorageMissingError,
  StorageRefusedError,
  StorageUnavailableError,
  type Timed,
} from "./table.ts";

/** Milliseconds for all tries of one call together: a function must not hang on storage. */
const callTimeout = 4_500;

/** The options of one call of an Azure SDK. The call must be given them: they end it in time and read the answer's `Date`. */
export interface CallOptions {
  readonly abortSignal: AbortSignal;
  readonly onResponse: (response: { readonly headers: { get(name: string): string | undefined } }) => void;
}

/**
 * Makes one call of an Azure SDK with a deadline and gives its result with storage's time, the `Date` of the last answer.
 * @throws one of the errors of `table.ts` and nothing else.
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

interface StorageFailure {
  readonly status: number | undefined;
  /** Azure's error code, e.g. `EntityAlreadyExists`, or the network's, e.g. `ECONNRESET`. */
  readonly code: string;
  readonly requestId?: string | undefined;
}

/**
 * Turns any error of an Azure SDK into one of our storage errors. The SDK's error is not kept as the cause: it carries the request, and
 * with it keys, tokens and documents.
 */
export function toStorageError(error: unknown): Error {
  if (isStorageError(error)) return error;
  const failure = toFailure(error);
  if (failure !== undefined) return classify(failure);
  if (!(error instanceof Error)) return new StorageUnavailableError(`Storage failed with a ${typeof error}.`);
  // Errors of @azure/identity: the token service refused with a 4xx, or could not be reached.
  if (error.name === "AuthenticationError" && "statusCode" in error && typeof error.statusCode === "number") {
    return classify({ status: error.statusCode === 400 ? 401 : error.statusCode, code: error.name });
  }
  return classify({ status: undefined, code: error.name });
}

/** The figures of an error of @azure/data-tables or @azure/storage-queue; undefined for any other error. */
export function toFailure(error: unknown): StorageFailure | undefined {
  if (!(error instanceof RestError)) return undefined;
  // The table client leaves the service's code in the parsed body; queues and transactions have it in `code`.
  const { data } = tableErrorDetails.safeParse(error.details);
  return {
    status: error.statusCode,
    code: data?.odataError.code ?? error.code ?? "no code",
    requestId: error.response?.headers.get("x-ms-request-id"),
  };
}

const tableErrorDetails = z.object({ odataError: z.object({ code: z.string() }) });

/** The error for a failure that Azure described in figures. Codes: Azure docs: Table service error codes, Queue service error codes. */
export function classify({ status, code, requestId }: StorageFailure): Error {
  const what = `${code}, status ${status ?? "none"}, request ${requestId ?? "unknown"}`;
  if (status === undefined || status < 400 || status >= 500 || status === 408 || status === 429) {
    return new StorageUnavailableError(`Storage did not answer as it should (${what}): try again later.`);
  }
  if (/BeingDeleted|BeingDisabled/.test(code)) {
    return new StorageUnavailableError(`The table or queue is being deleted (${what}): try again in a minute.`);
  }
  if (status === 413 || /TooLarge/.test(code)) {
    return new StorageLimitError(`Storage finds the request too large (${what}): trying again changes nothing.`);
  }
  if (/^(?:Table|Queue)NotFound$/.test(code)) {
    return new StorageMissingError(
      `The table or queue is missing (${what}): the app creates it again with its next call.`,
    );
  }
  if (status === 412 || status === 409 || status === 404) {
    return new StorageConflictError(`Another writer changed the row (${what}): read again.`);
  }
  if (status === 401 || status === 403) {
    return new StorageRefusedError(
      `Storage refuses the app (${what}): give its identity the roles Storage Table Data Contributor and Storage Queue Data Contributor, ` +
        "or correct the connection string, and check the account's network rules.",
    );
  }
  return new StorageRefusedError(`Storage refuses the request (${what}): report it as a bug of the app.`);
}

/** Calls `attempt` until it succeeds once, and never again. Callers in between share one attempt; a failed one is not remembered. */
export function rememberSuccess(attempt: () => Promise<void>): () => Promise<void> {
  let shared: Promise<void> | undefined;
  return () => {
    shared ??= attempt().catch((error: unknown) => {
      shared = undefined;
      throw error;
    });
    return shared;
  };
}

/**
 * One call at a time. Whoever asks while one is under way shares the next, which begins after the question, and its failure. That failure does not reach
 * the call after it.
 */
export function shareNext<T>(call: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  return () => {
    next ??= underWay.then(() => {
      next = null;
      return call();
    });
    underWay = next.catch(() => undefined);
    return next;
  };
}

/** For the calls to one table or queue. It is created before the first, and again when a call finds that it is missing, since somebody deleted it. */
export function afterCreation(
  create: (options: CallOptions) => Promise<unknown>,
): <T>(call: (options: CallOptions) => Promise<T>) => Promise<Timed<T>> {
  const creation = () =>
    rememberSuccess(async () => {
      await callStorage(create);
    });
  let isThere = creation();
  return async (call) => {
    await isThere();
    try {
      return await callStorage(call);
    } catch (error) {
      if (error instanceof StorageMissingError) isThere = creation();
      throw error;
    }
  };
}
