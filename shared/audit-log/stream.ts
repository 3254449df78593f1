import { z } from "zod";
import type { CoreDependencies } from "../reconcile/dependencies.ts";
import { watchedAmong } from "../reconcile/heads.ts";
import { toMessage } from "../reconcile/messages.ts";
import { parseContent, type Table, unforged } from "../storage/table.ts";
import { parseAuditStream } from "./parse.ts";
import { auditPartition } from "./shared-state.ts";
import type { AuditMemory } from "./take-in.ts";

export interface StreamDependencies
  extends Pick<CoreDependencies, "policy" | "principals" | "signals" | "state" | "telemetry"> {
  /** The rows that this process has taken in. The catch-up has a memory of its own, since rows of the stream are still to be read in Graph's own log. */
  readonly memory: AuditMemory;
}

/**
 * Takes a batch of the event hub to which Entra's diagnostic setting `AuditLogs` writes. Each principal in it gets a pass, one for all rows of one end; a
 * group gets one only if it is watched. Nothing else follows: an attacker with write access to the event hub can cause reads, never a revoke. A record
 * that cannot be read raises an alarm, and the others are still taken.
 * @throws StorageUnavailableError when passes could not be enqueued: the host must deliver the batch again.
 */
export async function takeStream(messages: readonly unknown[], dependencies: StreamDependencies): Promise<void> {
  const { policy, principals: stored, signals, state, telemetry, memory } = dependencies;
  if (policy.mode === "off") return;
  const { records, problems, otherLogs } = parseAuditStream(messages);
  const [first] = problems;
  if (first !== undefined) {
    telemetry.alarm("auditRowsUnreadable", { source: "stream", count: problems.length, ...first });
  }
  const { news, remember } = memory.news(records);
  const named = news.ends.map(({ principalId }) => principalId);
  const principals = new Set([...named, ...news.hints, ...(await watchedAmong(news.leftGroups, stored))]);
  for (const principalId of principals) {
    await signals.send(toMessage({ principalId, because: "audit", tries: 0 }), 0);
  }
  remember();
  if (principals.size > 0 || problems.length > 0) {
    telemetry.event("auditStreamed", { records: records.length, hints: principals.size, otherLogs });
  }
  await noteStream(state, records.length, problems.length);
}

/** When the audit stream last delivered, shared by all instances. */
interface StreamRecord {
  /** Storage's time of the last noted batch, epoch milliseconds; at most a minute before the last batch. */
  readonly lastAt: number;
  /** Whether that batch held a record that could not be read. */
  readonly broken: boolean;
}

const schema = z.object({ schema: z.literal(1), broken: z.boolean() });
const row = "stream";

/** Milliseconds between two notes: batches may come every second. */
const noteEvery = 60_000;

/** @throws StorageRowError when another version wrote the row. */
export async function loadStream(table: Table): Promise<StreamRecord | null> {
  const value = unforged((await table.get(auditPartition, row)).value);
  return value === undefined ? null : { lastAt: value.timestamp, broken: parseContent(value, schema).broken };
}

/** Notes a batch. If instances write at the same time, the last one wins, since all notes are alike. @throws the errors of storage */
export async function noteStream(table: Table, records: number, problems: number): Promise<void> {
  if (records + problems === 0) return;
  const { value, storageTime } = await table.get(auditPartition, row);
  if (value !== undefined && storageTime - value.timestamp < noteEvery) return;
  await table.commit(auditPartition, [{ type: "upsert", row, content: { schema: 1, broken: problems > 0 } }]);
}
