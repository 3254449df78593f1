import type { RunningHost, RunningTenant } from "./start-stack.ts";

/**
 * Brings what the tenant's diagnostic setting `AuditLogs` sends to the host's function, every quarter of a second, until `stop`: no emulator of
 * Event Hubs is needed. Rejects `stop` when the host did not take a batch.
 */
export function feedStream(
  { control }: Pick<RunningTenant, "control">,
  { url, masterKey }: Pick<RunningHost, "url" | "masterKey">,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const feed = async () => {
    for (let after = 0; !stopping.signal.aborted; ) {
      const { records, last } = await control.auditEnvelopes(after);
      if (records.length > 0) {
        const response = await fetch(`${url}/admin/functions/directoryAuditStream`, {
          method: "POST",
          headers: { "x-functions-key": masterKey, "Content-Type": "application/json" },
          body: JSON.stringify({ input: JSON.stringify([{ records }]) }),
        });
        if (response.status !== 202)
          throw new Error(`The host answered a batch of the stream with ${response.status}.`);
      }
      after = last;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  };
  const fed = feed();
  // Reported by `stop`; until then it is nobody's unhandled rejection.
  fed.catch(() => undefined);
  return {
    stop() {
      stopping.abort();
      return fed;
    },
  };
}
