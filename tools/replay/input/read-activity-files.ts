import { ReplayError } from "../replay-error.ts";
import type { Activity, Refused } from "../report.ts";
import { said } from "./item.ts";
import { type Call, readCall } from "./read-call.ts";
import { readItems } from "./read-items.ts";
import { notAnExport } from "./refusal.ts";
import { createUnreadable } from "./unreadable.ts";

interface ReadActivity {
  readonly read: Omit<Activity, "survivingCalls" | "endsOutlived">;
  readonly refused: readonly Refused[];
}

/**
 * Reads exports of MicrosoftGraphActivityLogs and hands over every call of a user, keeping none. Any other file is refused, and
 * the valid ones still count.
 */
export async function readActivityFiles(
  files: readonly string[],
  onCall: (call: Call) => void,
  onRead: (bytes: number) => void,
): Promise<ReadActivity> {
  const unreadable = createUnreadable();
  const refused: Refused[] = [];
  let calls = 0;
  let others = 0;

  async function read(file: string): Promise<void> {
    const own = createUnreadable();
    let readable = 0;
    for await (const items of readItems(file, onRead)) {
      for (const item of items) {
        const read =
          "problem" in item ? ({ kind: "unreadable", problem: item.problem } as const) : readCall(item.value);
        if (read.kind === "unreadable") {
          own.add(file, said(item.place), read.problem);
          continue;
        }
        readable += 1;
        if (read.kind === "other") others += 1;
        else {
          calls += 1;
          onCall(read.call);
        }
      }
    }
    const shown = own.report();
    if (readable === 0 && shown.count > 0)
      throw notAnExport(file, "nothing in it is a call to Microsoft Graph", shown, HELP);
    unreadable.merge(shown);
  }

  for (const file of files) {
    try {
      await read(file);
    } catch (error) {
      if (!(error instanceof ReplayError)) throw error;
      refused.push({ file, code: error.code, reason: error.message });
    }
  }
  return { read: { files, calls, others, unreadable: unreadable.report() }, refused };
}

const HELP = " After --activity goes an export of MicrosoftGraphActivityLogs; --help says what can be read.";
