import type { AuditMemory } from "../audits/audit-memory.ts";
import { noteStream } from "../audits/stream-record.ts";
import type { CoreDependencies } from "../reconcile/dependencies.ts";
import { toMessage } from "../reconcile/messages.ts";
import { parseAuditStream } from "./parse.ts";

export interface StreamDependencies extends Pick<CoreDependencies, "policy" | "signals" | "state" | "telemetry"> {
  /** Of this process, apart from the catch-up's: what the stream told is still to be read in Graph's own log. */
  readonly memory: AuditMemory;
}

/**
 * Takes a batch of the event hub to which Entra's diagnostic setting `AuditLogs` writes: whoever it names is looked at, once for all rows of
 * one end. Nothing else follows from it: whoever may write to the event hub can make us read, never revoke. A record that cannot be read is
 * counted and raised, and holds up no other.
 * @throws StorageUnavailableError when the looks could not be asked for: then the batch is to be delivered again.
 */
export async function takeStream(messages: readonly unknown[], dependencies: StreamDependencies): Promise<void> {
  const { policy, signals, state, telemetry, memory } = dependencies;
  if (policy.mode === "off") return;
  const { records, problems, otherLogs } = parseAuditStream(messages);
  const [first] = problems;
  if (first !== undefined) {
    telemetry.alarm("auditRowsUnreadable", { source: "stream", count: problems.length, ...first });
  }
  const { news, remember } = memory.news(records);
  const named = news.ends.flatMap((end) =>
    end.kind === "groupEnd" ? [end.principalId, end.groupId] : end.principalId,
  );
  const principals = new Set([...named, ...news.looks]);
  for (const principalId of principals) {
    await signals.send(toMessage({ principalId, because: "audit", tries: 0 }), 0);
  }
  remember();
  if (principals.size > 0 || problems.length > 0) {
    telemetry.event("auditStreamed", { records: records.length, looks: principals.size, otherLogs });
  }
  await noteStream(state, records.length, problems.length);
}
