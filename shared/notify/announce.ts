import type { PrincipalState } from "../assignments/principal-state.ts";
import type { Queue } from "../storage/queue.ts";
import { noticeMessage } from "./notice.ts";

/** Milliseconds: the commit that gives the outcome has come by then, as a rule. */
const commitsWithin = 2000;

/**
 * Sends a notice for every end that the commit from `before` to `after` is about to give its outcome. Before the commit: a crash in between
 * leaves a notice of an outcome that is not there, which costs a read, never an outcome without a notice. @throws the errors of storage
 */
export async function announceOutcomes(
  notices: Queue | undefined,
  before: PrincipalState,
  after: PrincipalState,
): Promise<void> {
  if (notices === undefined) return;
  for (const { key, progress } of after.obligations.values()) {
    if (progress.state !== "closed" || before.obligations.get(key)?.progress.state === "closed") continue;
    await notices.send(noticeMessage({ principalId: after.principalId, key, tries: 0 }), commitsWithin);
  }
}
