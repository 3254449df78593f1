import fc from "fast-check";
import { describeBreach } from "./describe-verdict.ts";
import type { History } from "./history.ts";
import { kindOf, mixed } from "./kinds/kinds.ts";
import { runHistory } from "./run-history.ts";
import type { AppUnderTest } from "./world/app.ts";
import { Tally } from "./world/tally.ts";

export interface SearchOptions {
  /** Which kind of histories. */
  readonly kind?: string;
  readonly histories: number;
  readonly seed: number;
  /** Where in the stream of `seed` a failure was found: only that history is played. */
  readonly path?: string | undefined;
  /** Only breaches whose explanation contains this count. */
  readonly only?: string | undefined;
  /** Stop at the first failure without making it smaller. */
  readonly shrink?: boolean;
  /** A history in which this app breaks a promise as well does not count: what the other app lacks is not the cause. */
  readonly unlike?: AppUnderTest | undefined;
}

export interface Failure {
  /** The smallest failing history that was found, as a story. */
  readonly story: string;
  /** The command that plays it again. */
  readonly replay: string;
  readonly history: History;
}

export interface SearchResult {
  readonly tally: Tally;
  readonly played: number;
  readonly milliseconds: number;
  readonly failure: Failure | undefined;
}

/** How long a failing history is made smaller, milliseconds of real time: the smallest one by then is small enough to read. */
const shrinkFor = 20_000;

/** Plays generated histories until one breaks a promise, and makes that one as small as it can. */
export async function search(app: AppUnderTest, options: SearchOptions): Promise<SearchResult> {
  const { kind = mixed, seed, path, only = "", shrink = true, unlike } = options;
  const tally = new Tally();
  const counts = (why: string) => why.includes(only);
  const started = performance.now();
  let played = 0;
  let failedAt: number | undefined;
  const property = fc.asyncProperty(kindOf(kind), async (history) => {
    if (failedAt !== undefined && performance.now() - failedAt > shrinkFor) return true;
    // A path leads to one history; when that keeps every promise, fast-check goes on with those beside it.
    if (path !== undefined && played > 0) return true;
    const verdict = await runHistory(history, app);
    // While fast-check makes a failure smaller it plays near-copies of it: they are not counted.
    if (failedAt === undefined) {
      played += 1;
      tally.addAll(verdict.tally);
    }
    const isBroken = verdict.breaches.some(({ why }) => counts(why));
    const found = isBroken && (unlike === undefined || (await runHistory(history, unlike)).breaches.length === 0);
    if (found) failedAt ??= performance.now();
    return !found;
  });
  const parameters =
    path === undefined
      ? { seed, numRuns: options.histories, endOnFailure: !shrink }
      : { seed, path, numRuns: 1, endOnFailure: true };
  const details = await fc.check(property, parameters);
  const milliseconds = performance.now() - started;
  const history = details.counterexample?.[0];
  if (history === undefined) {
    if (details.failed) throw details.errorInstance ?? new Error("The search failed without a counterexample.");
    return { tally, played, milliseconds, failure: undefined };
  }
  const verdict = await runHistory(history, app);
  const breach = verdict.breaches.find(({ why }) => counts(why));
  const story =
    breach === undefined ? `The app threw: ${String(details.errorInstance)}` : describeBreach(breach, verdict);
  const replay = `npm run simulate -- --replay=${kind}:${details.seed}:${details.counterexamplePath}`;
  return { tally, played, milliseconds, failure: { story, replay, history } };
}
