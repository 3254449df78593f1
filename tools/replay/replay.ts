import { buildReport } from "./build-report.ts";
import { readActivityFiles } from "./input/read-activity-files.ts";
import { readAuditFiles } from "./input/read-audit-files.ts";
import { createActivityJoin } from "./join-activity.ts";
import { judgeEnds } from "./judge-ends.ts";
import type { Report } from "./report.ts";

/** Without the ends as the rows report them, which take most of the memory: once they are judged nothing needs them. */
async function readAndJudge(files: readonly string[], onRead: (bytes: number) => void) {
  const { reading, history, names } = await readAuditFiles(files, onRead);
  return { reading, history: { ...history, ends: [] }, names, judged: judgeEnds(history, names.isExternal) };
}

/**
 * Judges the role ends in a tenant's own history. Activity is read second, so that only calls that matter are kept.
 * @param onRead called with the bytes read from the disk
 * @throws ReplayError `noFile`, `unreadableFile`, `notAnExport` when no audit log can be replayed; `refused` has single files
 */
export async function replay(
  files: readonly string[],
  activityFiles: readonly string[],
  onRead: (bytes: number) => void,
): Promise<Report> {
  const { reading, history, names, judged } = await readAndJudge(files, onRead);
  if (activityFiles.length === 0) return buildReport({ reading, history, judged, names, activity: null });
  const join = createActivityJoin(judged, history);
  const { read, refused } = await readActivityFiles(activityFiles, join.take, onRead);
  const isRead = refused.length < activityFiles.length;
  return buildReport({
    reading: { ...reading, refused: [...reading.refused, ...refused] },
    history,
    judged,
    names,
    activity: isRead ? { join, read } : null,
  });
}
