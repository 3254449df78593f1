import type { GraphTime } from "../base/clock.ts";
import { restOf } from "../detection/next-pass.ts";
import type { Timings } from "../detection/timings.ts";
import type { RoleInstance } from "../graph/graph.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import { headRow, rowSchemas } from "../model/load.ts";
import { emptyHead, type Head } from "../model/principal.ts";
import { listedRows } from "../model/privilege.ts";
import { parseContent } from "../storage/rows.ts";
import { isForged, type Row, StorageRowError } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { CoreDependencies } from "./dependencies.ts";

const minute = 60_000;

/** Age classes of ends without an outcome, in milliseconds; the last class has no upper bound. */
const ages = [
  { age: "underOneMinute", below: minute },
  { age: "underTenMinutes", below: 10 * minute },
  { age: "underOneHour", below: 60 * minute },
  { age: "older", below: Number.POSITIVE_INFINITY },
] as const;

/** Measures how many principals are pending, by age, and how many the threshold holds, zeros included. `date` and `openSince` are Graph's times. */
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
  /** The seal of the row does not verify: the principal's next pass writes the head anew. */
  readonly isForged?: true;
}

/**
 * Reads the heads of all principals. A head that this version cannot read raises an alarm and is null: nothing may follow from it. A head
 * whose seal does not verify counts as empty. @throws StorageUnavailableError
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
  const { unreadable: _, attempt: __, rows: ___, ...head } = parseContent(row, rowSchemas.head);
  return head;
}

/**
 * Whether PIM's list only still names a user whom Graph does not find any more: they rest, no row that their last pass saw has gone, and none began since.
 * `date`: Graph's time of the list. Pure.
 */
export function isStillNamed(
  rows: readonly RoleInstance[],
  { kind, listed, missing }: Pick<Head, "kind" | "listed" | "missing">,
  date: GraphTime,
  timings: Timings,
): boolean {
  // `/users/{id}` never finds a service principal, deleted or not.
  if (kind === "unknown" || missing === undefined || date >= missing.last + restOf({ missing }, timings)) return false;
  const shown = listedRows(rows);
  const isOld = ({ startDateTime }: RoleInstance) => startDateTime === null || instantMs(startDateTime) <= missing.last;
  return listed.every((row) => shown.includes(row)) && rows.every(isOld);
}
