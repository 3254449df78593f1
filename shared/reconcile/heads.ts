import { headRow, rowSchemas } from "../model/load.ts";
import { emptyHead, type Head } from "../model/principal.ts";
import { parseContent } from "../storage/rows.ts";
import { isForged, type Row, StorageRowError } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { CoreDependencies } from "./dependencies.ts";

const minute = 60_000;

/** Milliseconds below which an end without an outcome is of this age; the last has no bound. */
const ages = [
  { age: "underOneMinute", below: minute },
  { age: "underTenMinutes", below: 10 * minute },
  { age: "underOneHour", below: 60 * minute },
  { age: "older", below: Number.POSITIVE_INFINITY },
] as const;

/** Measures what is open, by age, and what the threshold holds, zeros included. `date` is Graph's time, as is `openSince`. */
export function measurePending(
  { telemetry }: { readonly telemetry: Telemetry },
  heads: readonly Pick<Head, "openSince" | "held">[],
  date: number,
): void {
  const open = heads.flatMap(({ openSince }) => (openSince === null ? [] : [Math.max(0, date - openSince)]));
  let from = 0;
  for (const { age, below } of ages) {
    const count = open.filter((time) => time >= from && time < below).length;
    telemetry.measure("pendingPrincipals", count, { age });
    from = below;
  }
  telemetry.measure(
    "oldestPending",
    open.reduce((oldest, time) => Math.max(oldest, time), 0),
  );
  telemetry.measure("heldPrincipals", heads.filter(({ held }) => held !== undefined).length);
}

export interface KnownHead extends Omit<Head, "unreadable"> {
  /** Its seal does not hold: the next pass of the principal writes it anew. */
  readonly isForged?: true;
}

/**
 * The heads of all principals. One that this version cannot read is raised and left alone: nothing may follow from it. One whose seal does
 * not hold counts as empty.
 */
export async function readHeads({
  principals,
  telemetry,
}: Pick<CoreDependencies, "principals" | "telemetry">): Promise<ReadonlyMap<string, KnownHead | null>> {
  const heads = new Map<string, KnownHead | null>();
  for await (const row of principals.scan(headRow)) {
    try {
      heads.set(row.partition, readHead(row));
    } catch (error) {
      if (!(error instanceof StorageRowError)) throw error;
      heads.set(row.partition, null);
      telemetry.alarm("rowUnreadable", { principalId: row.partition, row: row.row, code: error.code });
    }
  }
  return heads;
}

function readHead(row: Row): KnownHead {
  if (isForged(row)) return { ...emptyHead, isForged: true };
  const { unreadable: _, attempt: __, ...head } = parseContent(row, rowSchemas.head);
  return head;
}
