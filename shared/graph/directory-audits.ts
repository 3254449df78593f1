import { z } from "zod";
import { GraphPermanentError, isLicenceMissing } from "./errors.ts";
import type { Dated } from "./graph.ts";
import { requireGuid } from "./instants-and-ids.ts";
import type { ReportPace } from "./pace.ts";
import { endpoints } from "./permissions.ts";
import { type Listing, type ReadContext, read, readList, SleepBudget } from "./read.ts";

/** A row of `auditLogs/directoryAudits` as it came: one that is broken must not hold up the others, so nothing is promised here. */
export type AuditRow = Readonly<Record<string, unknown>>;

export interface AuditQuery {
  /** Epoch milliseconds, included. Older than 30 days is refused: rows are kept no longer (Graph docs: directoryaudit-list). */
  readonly since: number;
  /** Epoch milliseconds, included; without it everything up to now. */
  readonly until?: number;
  /** Only rows with this object among their targets. */
  readonly targetId?: string;
  /** Only rows with exactly this `activityDisplayName`. */
  readonly activity?: string;
}

interface AuditContext extends ReadContext {
  readonly pace: ReportPace;
}

/** Code of the error that says that this cloud does not offer the audit log through Graph, as in China (Graph docs: directoryaudit-list). */
export const AUDITS_UNSUPPORTED = "directoryAuditsUnsupported";

const endpoint = endpoints.directoryAudits;
const listing: Listing<AuditRow> = { endpoint, row: z.record(z.string(), z.unknown()), priority: "normal" };
const PATH = "auditLogs/directoryAudits";

/**
 * Rows by time, oldest first, all pages. After the second page each one takes 3.4 s: ask for slices, e.g. of an hour. Rows appear
 * minutes late and out of order, so what is absent may still come.
 * @throws GraphRetryableError; GraphPermanentError, of code `AUDITS_UNSUPPORTED` where there is no such API
 */
export async function readDirectoryAudits(
  context: AuditContext,
  query: AuditQuery,
): Promise<Dated<readonly AuditRow[]>> {
  const path = `${PATH}?$filter=${encodeURIComponent(filterOf(query))}&$orderby=activityDateTime`;
  const paced = takingTurns(context);
  const budget = new SleepBudget(context.clock);
  try {
    return await readList(paced, listing, path, budget);
  } catch (error) {
    if (!(error instanceof GraphPermanentError) || (error.status !== 400 && error.status !== 404)) throw error;
    if (isLicenceMissing(error.code)) throw error;
    if (error.status === 400 && (await canRead(paced, budget))) throw error;
    const message =
      "This cloud does not offer the audit log through Microsoft Graph (Graph docs: directoryaudit-list). Use the stream to an event hub instead.";
    const { status, requestId } = error;
    throw new GraphPermanentError(message, { code: AUDITS_UNSUPPORTED, status, requestId, cause: error });
  }
}

function filterOf({ since, until, targetId, activity }: AuditQuery): string {
  return [
    `activityDateTime ge ${new Date(since).toISOString()}`,
    until === undefined ? [] : `activityDateTime le ${new Date(until).toISOString()}`,
    targetId === undefined ? [] : `targetResources/any(t:t/id eq '${requireGuid(targetId, "principal")}')`,
    activity === undefined ? [] : `activityDisplayName eq '${activity.replaceAll("'", "''")}'`,
  ]
    .flat()
    .join(" and ");
}

/** A 400 may be the question's fault, e.g. a time before the oldest row kept. A question that cannot be wrong shows which it is. */
async function canRead(context: ReadContext, budget: SleepBudget): Promise<boolean> {
  try {
    await read(
      context,
      { endpoint, method: "GET", path: `${PATH}?$top=1`, priority: "normal" },
      budget,
      () => undefined,
    );
    return true;
  } catch (error) {
    if (error instanceof GraphPermanentError && (error.status === 400 || error.status === 404)) return false;
    throw error;
  }
}

/** Every request takes its turn, tries and pages too; only the first may be refused with a short wait. */
function takingTurns({ pace, ...context }: AuditContext): ReadContext {
  let begun = false;
  return {
    ...context,
    async send(request) {
      await pace.turn(begun ? "next" : "first");
      begun = true;
      return context.send(request);
    },
  };
}
