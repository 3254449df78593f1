import { createHistoryCollector } from "../collect-history.ts";
import type { History } from "../history.ts";
import { createNames, type Names } from "../names.ts";
import { ReplayError } from "../replay-error.ts";
import type { Reading } from "../report.ts";
import { readAudit } from "./read-audit.ts";
import { readItems } from "./read-items.ts";
import { createUnreadable } from "./unreadable.ts";

/**
 * Reads exports of the directory audit log, one after the other, in memory that grows with the ends in them only.
 * @throws ReplayError `noFile`, `unreadableFile`, `notAnExport`
 */
export async function readAuditFiles(
  files: readonly string[],
  onRead: (bytes: number) => void,
): Promise<{ readonly reading: Reading; readonly history: History; readonly names: Names }> {
  const collector = createHistoryCollector();
  const names = createNames();
  const unreadable = createUnreadable();
  let known = 0;
  let otherActivities = 0;
  let otherLogs = 0;

  const takeItem = (value: unknown, file: string, position: string) => {
    const read = readAudit(value, `${file}, ${position}`);
    if (read.kind === "unreadable") unreadable.add(file, position, read.problem);
    else if (read.kind === "otherLog") otherLogs += 1;
    else if (read.kind === "otherActivity") {
      otherActivities += 1;
      collector.see(read.at);
    } else {
      known += 1;
      if (collector.take(read.record)) names.learn(read.record, read.row);
    }
  };

  for (const file of files) {
    const before = { readable: known + otherActivities, unreadable: unreadable.count(), otherLogs };
    for await (const items of readItems(file, onRead)) {
      for (const item of items) {
        if ("problem" in item) unreadable.add(file, item.position, item.problem);
        else takeItem(item.value, file, item.position);
      }
    }
    const isOfOthers = otherLogs > before.otherLogs || unreadable.count() > before.unreadable;
    if (known + otherActivities === before.readable && isOfOthers) throw notAnExport(file);
  }
  const records = known + otherActivities + otherLogs + unreadable.count();
  const reading = { files, records, otherActivities, otherLogs, unreadable: unreadable.report() };
  return { reading, history: collector.history(), names };
}

const notAnExport = (file: string): ReplayError =>
  new ReplayError(
    "notAnExport",
    `${file} is no export of the directory audit log: nothing in it is an audit record. An export of MicrosoftGraphActivityLogs ` +
      "goes after --activity; --help tells what can be read.",
  );
