import type { HoldingFacts, RecordedOutcome } from "./evidence.ts";
import { samePrivilege } from "./truth.ts";

/** Whether this outcome may be about the end of that holding of the same principal. What only the audit log told is another matter. */
export const isAbout = (row: RecordedOutcome, holding: HoldingFacts): boolean =>
  row.inherited
    ? holding.throughGroup && samePrivilege(row, holding)
    : !row.audited && row.schedule === holding.schedule;
