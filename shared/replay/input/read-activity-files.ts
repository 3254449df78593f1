import { ReplayError } from "../replay-error.ts";
import type { Activity } from "../report.ts";
import { type Call, readCall } from "./read-call.ts";
import { readItems } from "./read-items.ts";
import { createUnreadable } from "./unreadable.ts";

/**
 * Reads exports of MicrosoftGraphActivityLogs and hands over every call of a user, keeping none.
 * @throws ReplayError `noFile`, `unreadableFile`, `notAnExport`
 */
export async function readActivityFiles(
  files: readonly string[],
  onCall: (call: Call) => void,
  onRead: (bytes: number) => void,
): Promise<Omit<Activity, "survivingCalls" | "endsOutlived">> {
  const unreadable = createUnreadable();
  let calls = 0;
  let others = 0;
  for (const file of files) {
    const before = { readable: calls + others, unreadable: unreadable.count() };
    for await (const items of readItems(file, onRead)) {
      for (const item of items) {
        const read = "problem" in item ? ({ kind: "unreadable", ...item } as const) : readCall(item.value);
        if (read.kind === "unreadable") unreadable.add(file, item.position, read.problem);
        else if (read.kind === "other") others += 1;
        else {
          calls += 1;
          onCall(read.call);
        }
      }
    }
    if (calls + others === before.readable && unreadable.count() > before.unreadable) throw notAnExport(file);
  }
  return { files, calls, others, unreadable: unreadable.report() };
}

const notAnExport = (file: string): ReplayError =>
  new ReplayError(
    "notAnExport",
    `${file} is no export of MicrosoftGraphActivityLogs: nothing in it is a call to Microsoft Graph. --help tells what can be read.`,
  );
