import fc from "fast-check";
import type { Breach } from "./judge/evidence.ts";
import { kindOf } from "./kinds/kinds.ts";
import { runHistory } from "./run-history.ts";
import type { AppUnderTest } from "./world/app.ts";
import { Tally } from "./world/tally.ts";

export interface CampaignOptions {
  readonly kind: string;
  readonly seed: number;
  readonly histories: number;
  readonly only: string;
}

/** One way in which promises were broken, and the histories in which they were. */
export interface Finding {
  readonly what: string;
  /** What `--replay` takes. */
  readonly replays: readonly string[];
}

export interface CampaignResult {
  readonly played: number;
  readonly failed: number;
  readonly findings: readonly Finding[];
  readonly tally: Tally;
}

/** Plays every history of a seed, whatever it breaks, and makes none smaller. */
export async function campaign(app: AppUnderTest, options: CampaignOptions): Promise<CampaignResult> {
  const { kind, seed, histories, only } = options;
  const found = new Map<string, string[]>();
  const tally = new Tally();
  let played = 0;
  let failed = 0;
  const note = (breaches: readonly string[]) => {
    const counted = breaches.filter((what) => what.includes(only));
    if (counted.length > 0) failed += 1;
    for (const what of counted) found.set(what, [...(found.get(what) ?? []), `${kind}:${seed}:${played}`]);
  };
  const property = fc.asyncProperty(kindOf(kind), async (history) => {
    try {
      const verdict = await runHistory(history, app);
      tally.addAll(verdict.tally);
      note(verdict.breaches.map(inGeneral));
    } catch (error) {
      note([`threw: ${String(error)}`]);
    }
    played += 1;
  });
  await fc.assert(property, { seed, numRuns: histories });
  const findings = [...found].map(([what, replays]) => ({ what, replays }));
  return { played, failed, findings, tally };
}

const inGeneral = ({ promise, why }: Breach): string => `${promise}: ${why.replaceAll(/\d+/g, "N")}`;
