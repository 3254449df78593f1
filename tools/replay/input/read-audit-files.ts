import { createHistoryCollector, type HistoryCollector } from "../collect-history.ts";
import type { History } from "../history.ts";
import { createNames, type Names } from "../names.ts";
import { createPeriod } from "../period.ts";
import { noCounts, type RecordClass, type RecordCounts, recordClasses } from "../record-class.ts";
import { ReplayError } from "../replay-error.ts";
import type { Reading, Refused, Unreadable } from "../report.ts";
import { type Passed, said } from "./item.ts";
import { readAudit } from "./read-audit.ts";
import { readItems } from "./read-items.ts";
import { notAnExport } from "./refusal.ts";
import { skimRecord } from "./skim-record.ts";
import { createUnreadable } from "./unreadable.ts";

export interface ReadFiles {
  readonly reading: Reading;
  readonly history: History;
  readonly names: Names;
}

/** The most names of planes that are shown. */
const PLANES = 5;

/**
 * Reads exports of the directory audit log, one after the other, in memory that grows only with the ends in them. A file that cannot
 * be replayed is refused, and the others still count.
 * @throws ReplayError `noFile`, `unreadableFile`, `notAnExport` when no file can be replayed
 */
export async function readAuditFiles(files: readonly string[], onRead: (bytes: number) => void): Promise<ReadFiles> {
  const collector = createHistoryCollector();
  const names = createNames();
  const unreadable = createUnreadable();
  const counts = noCounts();
  const otherPlanes = new Set<string>();
  const refused: Refused[] = [];
  let lastError: ReplayError | undefined;

  for (const file of files) {
    try {
      const tally = await readFile(file, { collector, names, otherPlanes, onRead });
      for (const one of recordClasses) counts[one] += tally.counts[one];
      unreadable.merge(tally.unreadable);
    } catch (error) {
      if (!(error instanceof ReplayError)) throw error;
      lastError = error;
      refused.push({ file, code: error.code, reason: error.message });
    }
  }
  if (lastError !== undefined && refused.length === files.length) {
    throw new ReplayError(lastError.code, refused.map(({ reason }) => reason).join("\n"), { cause: lastError });
  }
  const records = recordClasses.reduce((sum, one) => sum + counts[one], 0);
  const reading = { files, refused, records, counts, otherPlanes: [...otherPlanes], unreadable: unreadable.report() };
  return { reading, history: collector.history(), names };
}

interface Shared {
  readonly collector: HistoryCollector;
  readonly names: Names;
  readonly otherPlanes: Set<string>;
  readonly onRead: (bytes: number) => void;
}

interface Tally {
  readonly counts: RecordCounts;
  readonly unreadable: Unreadable;
}

async function readFile(file: string, { collector, names, otherPlanes, onRead }: Shared): Promise<Tally> {
  const counts = noCounts();
  const unreadable = createUnreadable();
  const period = createPeriod();
  let verdicts = 0;

  const pass = ({ as, at }: Passed) => {
    counts[as] += 1;
    period.see(at);
  };
  const take = (value: unknown, position: string) => {
    const read = readAudit(value, `${file}, ${position}`);
    if (read.kind === "several") {
      for (const [at, one] of read.inside.entries()) take(one, `${position}, part ${at + 1}`);
    } else if (read.kind === "unreadable") {
      counts.unreadable += 1;
      unreadable.add(file, position, read.problem, read.isReporting);
    } else if (read.kind === "passed") pass(read);
    else {
      verdicts += 1;
      const as = collector.take(read.record, read.gap, read.nameless);
      counts[as] += 1;
      if (hasNames.has(as)) names.learn(read.record, read.row);
      if (as === "otherPlane" && otherPlanes.size < PLANES)
        otherPlanes.add(`${read.record.category} by ${read.record.service}`);
    }
  };

  for await (const items of readItems(file, onRead, skimRecord)) {
    for (const item of items) {
      if ("passed" in item) pass(item.passed);
      else if ("value" in item) take(item.value, said(item.place));
      else {
        counts.unreadable += 1;
        unreadable.add(file, said(item.place), item.problem);
      }
    }
  }
  refuseIfNothingReports(file, { counts, unreadable: unreadable.report() }, verdicts);
  const { firstDay, lastDay } = period.days();
  collector.see(firstDay);
  collector.see(lastDay);
  return { counts, unreadable: unreadable.report() };
}

const hasNames: ReadonlySet<RecordClass> = new Set<RecordClass>(["end", "cutOffEnd", "planelessEnd"]);

/** Refuses a file whose ends could not be read: a report that says "no end" of it would be false. */
function refuseIfNothingReports(file: string, { counts, unreadable }: Tally, verdicts: number): void {
  const passed =
    recordClasses.reduce((sum, one) => sum + counts[one], 0) - counts.unreadable - counts.otherLog - verdicts;
  if (verdicts > 0) return;
  if (unreadable.reporting > 0) {
    const what = "none of its records of a role's end, an activation or a sign-out can be read";
    throw notAnExport(file, what, unreadable, "");
  }
  if (passed > 0) return;
  if (counts.otherLog > 0) {
    throw notAnExport(file, "its records are of other logs than AuditLogs", unreadable, ACTIVITY);
  }
  if (counts.unreadable > 0)
    throw notAnExport(file, "nothing in it is a record of the directory audit log", unreadable, HELP);
}

const HELP = " --help says what can be read.";
const ACTIVITY = " An export of MicrosoftGraphActivityLogs goes after --activity; --help says what else can be read.";
