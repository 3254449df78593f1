import { z } from "zod";
import type { Settings } from "../settings/settings.ts";
import { loadRow, type Table, whereReadable } from "../storage/table.ts";
import { silentTelemetry, type Telemetry } from "../telemetry/telemetry.ts";
import { plannedAtLeast } from "./threshold.ts";

const partition = "settings";
const row = "enforcement";

/** What the settings make the app cut, by setting name. A smaller number or shorter list cuts less; for settings in `inverse` a larger or longer one. */
const schema = z.object({
  schema: z.literal(1),
  numbers: z.record(z.string(), z.number()),
  /** `null`: the setting says `all` or `auto`. */
  lists: z.record(z.string(), z.array(z.string()).readonly().nullable()),
  /** Settings that cut less than before, each with storage's time since when. `CUTOFF_STOP` is not among them: stops are reported on their own. */
  weakened: z.exactOptional(z.record(z.string(), z.number())),
});
type Enforcement = Pick<z.infer<typeof schema>, "numbers" | "lists">;

const inverse: ReadonlySet<string> = new Set(["COALESCE_MINUTES", "EXCLUDED_PRINCIPALS"]);

const list = (value: "all" | "auto" | "none" | Iterable<string>): readonly string[] | null =>
  value === "all" || value === "auto" ? null : value === "none" ? [] : [...value].toSorted();

type Enforcing = Pick<Settings, "policy" | "threshold" | "enforcedRoles" | "watchedGroups" | "auditRules">;

export function enforcementOf({ policy, threshold, enforcedRoles, watchedGroups, auditRules }: Enforcing): Enforcement {
  const { mode, stopped, staleAfter, coalesceWithin, lateExemptions, included, excluded } = policy;
  return {
    numbers: {
      CUTOFF_MODE: { off: 0, reportOnly: 1, enforce: 2 }[mode],
      CUTOFF_STOP: stopped ? 0 : 1,
      STALE_AFTER_HOURS: staleAfter / 3_600_000,
      COALESCE_MINUTES: coalesceWithin / 60_000,
      LATE_EXEMPTIONS: lateExemptions === "honour" ? 0 : 1,
      THRESHOLD_PLANNED: threshold.planned ?? plannedAtLeast,
      THRESHOLD_UNPLANNED: threshold.unplanned,
    },
    lists: {
      INCLUDED_PRINCIPALS: list(included),
      EXCLUDED_PRINCIPALS: list(excluded),
      ENFORCED_ROLES: list(enforcedRoles),
      WATCHED_GROUPS: list(watchedGroups),
      AUDIT_RULES: list(auditRules),
    },
  };
}

/**
 * The settings that make the app cut less (`weaker`), more, or both. Counts: list entries, null for `all` and `auto`; of a number its values. A setting that
 * only one of the two contains counts as unchanged. Pure.
 */
export function compareEnforcement(before: Enforcement, now: Enforcement) {
  const numbers = Object.entries(now.numbers).map(([setting, count]) => {
    const countBefore = before.numbers[setting] ?? count;
    return { setting, isLess: count < countBefore, isMore: count > countBefore, countBefore, count };
  });
  const lists = Object.entries(now.lists).map(([setting, ids]) => {
    const { [setting]: known = ids } = before.lists;
    const isLess = ids !== null && (known === null || known.some((id) => !ids.includes(id)));
    const isMore = known !== null && (ids === null || ids.some((id) => !known.includes(id)));
    return { setting, isLess, isMore, countBefore: known?.length ?? null, count: ids?.length ?? null };
  });
  return [...numbers, ...lists].flatMap(({ setting, isLess, isMore, ...counts }) => {
    if (!isLess && !isMore) return [];
    const isWeaker = inverse.has(setting) ? isMore : isLess;
    return [{ setting, direction: isLess && isMore ? "both" : isWeaker ? "weaker" : "stronger", ...counts }];
  });
}

/**
 * Compares what the settings enforce with what they enforced when an instance last started, and raises each difference once for all instances. The first
 * start raises nothing. A row that another version of the app wrote is left alone: revoking must not wait for that. @throws the other errors of storage
 */
export async function noteEnforcement(state: Table, now: Enforcement, telemetry: Telemetry): Promise<void> {
  const loaded = await whereReadable({ partition }, telemetry, () => loadRow(state, partition, row, schema));
  if (loaded === undefined) return;
  const { content: before, storageTime, save } = loaded;
  const changes = before === null ? [] : compareEnforcement(before, now);
  if (before !== null && changes.length === 0) return;
  const weakened = new Map(Object.entries(before?.weakened ?? {}));
  for (const { setting, direction } of changes) {
    weakened.delete(setting);
    if (direction !== "stronger" && setting !== "CUTOFF_STOP") weakened.set(setting, storageTime);
  }
  // Another instance that is first has the same settings.
  if (!(await save({ ...now, weakened: Object.fromEntries(weakened) }))) return;
  for (const change of changes) telemetry.alarm("enforcementChanged", { ...change });
}

/** Settings that cut less than before, with storage's time since when; empty if another version wrote the row. @throws the errors of storage */
export async function readWeakened(state: Table): Promise<Readonly<Record<string, number>>> {
  const loaded = await whereReadable({ partition }, silentTelemetry, () => loadRow(state, partition, row, schema));
  return loaded?.content?.weakened ?? {};
}
