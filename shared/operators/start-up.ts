import { z } from "zod";
import { enterEnforcementState } from "../enforcement/stop-and-resume.ts";
import type { CoreDependencies } from "../reconcile/dependencies.ts";
import { readHeads } from "../reconcile/heads.ts";
import type { Settings } from "../settings/settings.ts";
import { parseContent, type Table, unforged } from "../storage/table.ts";

const partition = "settings";
const row = "problems";
const schema = z.object({ schema: z.literal(1), problems: z.array(z.string()) });

/** Loads, for health, problems with settings that only Graph can show. @throws the errors of storage */
export async function loadSettingProblems(state: Table): Promise<readonly string[]> {
  const value = unforged((await state.get(partition, row)).value);
  return value === undefined ? [] : parseContent(value, schema).problems;
}

/** Milliseconds between two reads of the groups in the settings, even if no privilege ends, so that the last known members are recent. */
const scopeEvery = 20_000;

/**
 * Functions without an always-ready instance whose work must not wait for a cold start (docs/reliability.md, Always ready). Null: the deployment
 * does not say which have one. Pure.
 */
export function coldFunctions({
  alwaysReady,
  auditStream,
}: Pick<Settings, "alwaysReady" | "auditStream">): readonly string[] | null {
  const needed = ["principals", "heartbeat", ...(auditStream === null ? [] : ["directoryAuditStream"])];
  return alwaysReady === null ? null : needed.filter((name) => !alwaysReady.has(name));
}

const coldPrincipals =
  "ALWAYS_READY: no instance is kept ready for the function principals, so announced ends wait for a cold start. Set ALWAYS_READY_PRINCIPALS to 1 or more, and provision.";

/**
 * Checks the settings, some against Graph, and stores the problems; raises an alarm whenever they change. `cold`: what `coldFunctions` found.
 * @throws the errors of storage
 */
export async function checkSettings(
  { enforcedRoles, scope, state, telemetry }: Pick<CoreDependencies, "enforcedRoles" | "scope" | "state" | "telemetry">,
  cold: readonly string[] | null = null,
): Promise<void> {
  const problems = [
    ...(cold?.includes("principals") === true ? [coldPrincipals] : []),
    ...((await enforcedRoles?.())?.problems ?? []),
    ...((await scope?.(scopeEvery))?.problems ?? []),
  ];
  const known = await loadSettingProblems(state);
  if (JSON.stringify(problems) === JSON.stringify(known)) return;
  // The last writer wins: all instances have the same settings.
  await state.commit(partition, [{ type: "upsert", row, content: { schema: 1, problems } }]);
  for (const problem of problems) telemetry.alarm("settingProblem", { problem });
}

/**
 * Stores the mode and the stop from this process's settings. When they end a pause, an alarm shows the pending revocations before any is
 * carried out. @throws the errors of storage
 */
export async function begin(
  dependencies: Pick<CoreDependencies, "state" | "principals" | "policy" | "telemetry">,
): Promise<void> {
  const { state, policy, telemetry } = dependencies;
  const resumption = await enterEnforcementState(state, policy);
  if (resumption === null) return;
  const heads = await readHeads(dependencies);
  const openSince = [...heads.values()].flatMap((head) => head?.openSince ?? []);
  telemetry.alarm("revokingBegan", {
    after: resumption.from,
    since: new Date(resumption.since).toISOString(),
    pendingPrincipals: openSince.length,
    oldestPendingSince:
      openSince.length === 0 ? null : new Date(openSince.reduce((a, b) => Math.min(a, b))).toISOString(),
  });
}
