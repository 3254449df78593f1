import { isStorageError } from "../storage/storage-errors.ts";
import type { Telemetry } from "../telemetry/telemetry-parts.ts";
import type { SourceReaders } from "./source-health.ts";

/** Measures how each source of signals stands. A record that cannot be read is a source that fails, and holds up nobody. */
export async function measureSources(
  sources: SourceReaders,
  { telemetry }: { readonly telemetry: Pick<Telemetry, "measure"> },
): Promise<void> {
  const stateOf = async (read: SourceReaders[string]) => {
    try {
      return (await read()).state;
    } catch (error) {
      if (!isStorageError(error)) throw error;
      return "unreadable";
    }
  };
  for (const [source, read] of Object.entries(sources)) {
    const state = await stateOf(read);
    telemetry.measure("sourceHealthy", state === "failing" || state === "unreadable" ? 0 : 1, { source, state });
  }
}
