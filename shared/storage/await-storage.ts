import type { Clock } from "../base/clock.ts";
import { StorageUnavailableError } from "./storage-errors.ts";

/** Milliseconds between the tries. With all deadlines of two calls a try they stay under the two minutes of `functionTimeout` in host.json. */
const pauses = [1000, 2000, 4000, 5000, 5000];

/**
 * Does what must be done in this invocation, since the next one may come late: a message of a poison queue that fails has no queue to go to, and stays
 * hidden for the ten minutes of its lease (Azure Functions docs: Azure Queue storage trigger; that nothing shows it sooner is our reading, unverified).
 * `work` must be safe to repeat.
 * @throws StorageUnavailableError when storage did not answer six times in a row, and at once whatever else `work` throws.
 */
export async function awaitStorage<T>(work: () => Promise<T>, { clock }: { readonly clock: Clock }): Promise<T> {
  for (const pause of pauses) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StorageUnavailableError)) throw error;
    }
    await clock.sleep(pause);
  }
  return await work();
}
