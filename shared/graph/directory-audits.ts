import { z } from "zod";
import { GraphPermanentError, isLicenceMissing } from "./errors.ts";
import type { Dated } from "./graph.ts";
import { requireGuid } from "./instants-and-ids.ts";
import type { ReportPace } from "./pace.ts";
import { endpoints } from "./permissions.ts";
import { type Listing, type ReadContext, read, readList, SleepBudget } from "./read.ts";

/** A row of `auditLogs/directoryAudits`, unchecked: a broken row must not stop the others, so the caller checks each. */
export type AuditRow = Readonly<Record<string, unknown>>;

export interface AuditQuery {
  /** Epoch milliseconds, inclusive. Graph refuses a time more than 30 days ago, since it keeps rows no longer (Graph docs: directoryaudit-list). */
  readonly since: number;
  /** Epoch milliseconds, inclusive; absent: up to now. */
  readonly until?: number;
  /** Only rows with this object among their targets. */
  readonly targetId?: string;
  /** Only rows with exactly this `activityDisplayName`. */
  readonly activity?: string;
}

interface AuditContext extends ReadContext {
  readonly pace: ReportPace;
}

/** Error code: this cloud does not offer the audit log through Graph, as in China (Graph docs: directoryaudit-list). */
export const AUDITS_UNSUPPORTED = "directoryAuditsUnsupported";

const endpoint = endpoints.directoryAudits;
const listing: Listing<AuditRow> = { endpoint, row: z.record(z.string(), z.unknown()), priority: "normal" };
const PATH = "auditLogs/directoryAudits";

/**
 * All rows of the query, oldest first, from all pages. After the second page each page takes 3.4 s, so read short periods, e.g. an hour. Rows
 * appear minutes late and out of order, so an absent row may still come.
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

/** Whether the audit log can be read at all. A 400 may be caused by the query, e.g. by a time that is too old; this query cannot be wrong. */
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

/** Each request waits for its turn, also each further try and page. The first one gives up after a shorter wait than the others. */
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
