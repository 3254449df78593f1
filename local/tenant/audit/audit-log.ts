import type { TenantClock } from "../clock.ts";
import type { Identity } from "../identity/identity.ts";
import { isoFraction } from "../iso-time.ts";
import type { Random } from "../random.ts";
import type { AuditDraft, AuditRow } from "./audit-row.ts";
import { streamRecord } from "./stream-record.ts";

/** How rows travel from what happened to whoever reads them, in tenant milliseconds. */
export interface AuditSettings {
  /** Until Graph shows a row. */
  queryableAfterMs: number;
  /** Until the event hub has it. */
  streamedAfterMs: number;
  /** Share of rows, 0 to 1, that come `lateByMs` later than that; drawn for Graph and for the event hub each by itself. */
  lateShare: number;
  lateByMs: number;
  /** Share of changes that are written twice, each row with its own id; the event hub gets the first one twice. */
  doubledShare: number;
  /** From what PIM does until PIM's own row shows it. */
  pimRowAfterMs: number;
  /** False: this cloud has no `auditLogs/directoryAudits`. */
  offered: boolean;
}

/** Rows are kept for 30 days (Entra docs: reference-reports-data-retention). */
export const retentionMs = 30 * 86_400_000;

/** Entra's audit log: what Graph shows of it, and what the diagnostic setting `AuditLogs` sends to an event hub. */
export interface AuditLog {
  /** Writes down what happens now. */
  write(draft: AuditDraft): void;
  /** The rows that Graph shows now, newest first. */
  queryable(): AuditRow[];
  /** Records in the order in which the event hub got them, without the first `after`. */
  streamed(after: number): unknown[];
  /** Calls `listener` with the id of each row from now on, when Graph can show it. */
  onQueryable(listener: (id: string) => void): void;
}

interface Entry {
  readonly row: AuditRow;
  readonly at: number;
  readonly queryableAt: number;
}

export function createAuditLog(
  clock: TenantClock,
  random: Random,
  identity: Identity,
  { audit }: { audit: AuditSettings },
): AuditLog {
  const entries: Entry[] = [];
  const delivered: unknown[] = [];
  const happens = (share: number) => random.next() < share;
  const delay = (usual: number) => usual + (happens(audit.lateShare) ? audit.lateByMs : 0);

  let onShown = (_id: string) => {};

  const add = (row: AuditRow) => {
    const queryableAt = clock.now() + delay(audit.queryableAfterMs);
    entries.push({ row, at: clock.now(), queryableAt });
    clock.at(queryableAt, () => onShown(row.id));
  };
  const deliver = (row: AuditRow) => {
    const record = streamRecord(row, identity.tenantId, random);
    clock.at(clock.now() + delay(audit.streamedAfterMs), () => delivered.push(record));
  };

  return {
    write(draft) {
      const row = complete(draft, clock.now(), random);
      add(row);
      deliver(row);
      if (!happens(audit.doubledShare)) return;
      add({ ...row, id: rowId(row.loggedByService, random) });
      deliver(row);
    },
    queryable() {
      const now = clock.now();
      return entries
        .filter(({ at, queryableAt }) => queryableAt <= now && at >= now - retentionMs)
        .sort((a, b) => b.at - a.at)
        .map(({ row }) => row);
    },
    streamed: (after) => delivered.slice(after),
    onQueryable(listener) {
      onShown = listener;
    },
  };
}

function complete(draft: AuditDraft, now: number, random: Random): AuditRow {
  const { category, activityDisplayName, loggedByService, operationType, initiatedBy, targetResources } = draft;
  return {
    id: rowId(loggedByService, random),
    category,
    correlationId: random.guid(),
    result: draft.result ?? "success",
    resultReason: draft.resultReason ?? "",
    activityDisplayName,
    activityDateTime: isoFraction(now, 7),
    loggedByService,
    operationType,
    initiatedBy,
    targetResources: random.shuffled(targetResources),
    additionalDetails: draft.additionalDetails ?? [],
  };
}

function rowId(service: AuditRow["loggedByService"], random: Random): string {
  const number = random.integer(1_000_000, 999_999_999);
  return service === "PIM"
    ? `PIM_${random.guid()}_${random.guid()}_${number}`
    : `Directory_${random.guid()}_${random.guid().slice(0, 5).toUpperCase()}_${number}`;
}
