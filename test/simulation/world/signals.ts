import type { MemoryQueue } from "../../fixtures/memory-storage.ts";
import type { History } from "../history.ts";
import type { PrincipalFacts } from "../judge/evidence.ts";
import type { Group } from "../tenant/groups.ts";
import type { AppUnderTest, ReportedEnd } from "./app.ts";
import type { Faults } from "./faults.ts";
import type { Host } from "./host.ts";
import { between, type Random } from "./random.ts";
import type { Tally } from "./tally.ts";
import type { VirtualTime } from "./virtual-time.ts";

interface Parts {
  readonly time: VirtualTime;
  readonly queue: MemoryQueue;
  readonly host: Host;
  readonly faults: Faults;
  readonly tally: Tally;
  readonly random: Random;
  readonly app: Pick<AppUnderTest, "hint" | "report">;
}

/**
 * What others report to the app: signals after ends (a third of them lost, the others late, some doubled, so in any order; some are Graph's own report
 * of it, which comes after the end), stray ones about anybody, and the moments at which the whole app is stopped and started.
 */
export function scheduleSignals(
  history: History,
  principals: readonly PrincipalFacts[],
  groups: readonly Group[],
  parts: Parts,
): void {
  const { time, host, random } = parts;
  const started = time.now();
  for (const { id, stays } of groups) {
    for (const { goneAt, nested } of stays) {
      // Graph reports direct members only.
      if (nested || !Number.isFinite(goneAt) || goneAt < started || random() < 0.5) continue;
      const isGraphs = random() < 0.5;
      time.at(goneAt + between(random, -3_000, 60_000), () => {
        parts.tally.add("signal about a group");
        signal(parts, id, isGraphs ? { group: id } : undefined);
      });
    }
  }
  // Without seals nobody could distinguish them.
  for (const principal of history.sealed ? principals : []) scheduleForged(parts, principal);
  for (const principal of principals) {
    for (const { goneAt, role, throughGroup } of principal.sources) {
      if (throughGroup || goneAt === null || goneAt < started || random() < 0.33) continue;
      const copies = random() < 0.2 ? 2 : 1;
      const isGraphs = random() < 0.4;
      for (let copy = 0; copy < copies; copy += 1) {
        time.at(goneAt + between(random, isGraphs ? 500 : -3_000, 90_000), () => {
          parts.tally.add(isGraphs ? "signal by Graph" : "signal");
          signal(parts, principal.id, isGraphs ? { role, at: Math.floor(goneAt / 1000) * 1000 } : undefined);
        });
      }
    }
  }
  for (const fault of history.faults) {
    const from = started + fault.from;
    if (fault.kind === "downtime") {
      time.at(from, () => host.stopAll());
      time.at(from + fault.for, () => host.startAll());
      parts.tally.add("fault downtime");
    }
    if (fault.kind === "strayHints") scheduleStrays(parts, principals, from, fault.for);
  }
}

function scheduleStrays(parts: Parts, principals: readonly PrincipalFacts[], from: number, length: number): void {
  const { time, random, faults } = parts;
  for (let count = 0; count < 10; count += 1) {
    const principal = principals[between(random, 0, principals.length + 1)];
    time.at(from + between(random, 0, length), () => {
      if (faults.strike(["strayHints"], time.now()) === undefined) return;
      signal(parts, principal?.id ?? "f0000000-0000-4000-8000-000000000000");
    });
  }
}

function signal({ queue, host, app, time }: Parts, principalId: string, ended?: ReportedEnd): void {
  void (ended === undefined ? queue.send(app.hint(principalId), 0) : app.report(queue, principalId, ended, time.now()));
  host.wakePump();
}

/** Somebody who may write to the queue, and no more, claims that a role has ended just when Graph's views deny it by mistake. */
function scheduleForged(parts: Parts, { id, sources }: PrincipalFacts): void {
  const { time, random, queue, host, app, tally } = parts;
  for (const { role, denied, throughGroup } of sources) {
    const [first] = denied;
    if (first === undefined || throughGroup || first.from < time.now() || random() < 0.3) continue;
    time.at(between(random, first.from, first.to), () => {
      tally.add("forged report");
      void queue.send(app.hint(id, { role, at: Math.floor(time.now() / 1000) * 1000 }), 0);
      host.wakePump();
    });
  }
}
