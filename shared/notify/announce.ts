import type { PrincipalState } from "../assignments/principal-state.ts";
import type { GraphTime } from "../clock.ts";
import { knownEnd } from "../detection/holding.ts";
import { maxDelay, type Queue } from "../storage/queue.ts";
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

/**
 * Sends a notice for every announced end that the commit from `before` to `after` is about to note, so that its person is told before it. One that comes
 * sooner than that is nobody's surprise. `lead`: milliseconds before the end; undefined = nobody is told. @throws the errors of storage
 */
export async function announceEnds(
  notices: Queue | undefined,
  lead: number | undefined,
  before: PrincipalState,
  after: PrincipalState,
  date: GraphTime,
): Promise<void> {
  const { principalId, head } = after;
  if (notices === undefined || lead === undefined || head.kind === "group") return;
  for (const holding of after.holdings.values()) {
    const endsAt = knownEnd(holding);
    const known = before.holdings.get(holding.key);
    if (endsAt === null || (known !== undefined && knownEnd(known) === endsAt)) continue;
    const wait = endsAt - lead - date;
    if (wait <= 0) continue;
    const notice = noticeMessage({ person: "before", principalId, key: holding.key, endsAt, tries: 0 });
    await notices.send(notice, Math.min(wait, maxDelay));
  }
}
