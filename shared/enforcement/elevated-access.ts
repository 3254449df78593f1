import { z } from "zod";
import type { Elevation } from "../base/audit-activities.ts";
import { globalAdministrator, isGlobalAdministrator, type PendingRevocation } from "../model/pending-revocation.ts";
import { changeRevocations, type PrincipalState } from "../model/principal.ts";
import { loadRow, putRow, retryConflicts, type Table, whereReadable } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** Milliseconds after the end in which an old token may still elevate: the longest token life (Entra docs: concept-continuous-access-evaluation). */
const tokenLife = 28 * 3_600_000;

/** Users that one row (1 MiB, two bytes a character) holds with room to spare. Users who are not elevated are forgotten first, then the oldest entries. */
export const mostElevated = 4_000;

/** The newest audit entry of each user; a user without one was never seen elevated. */
type Elevations = ReadonlyMap<string, Omit<Elevation, "userId">>;

/** Adds audit entries; the newest of each user counts, in whatever order they come. Pure. */
export function addElevations(known: Elevations, news: readonly Elevation[]): Elevations {
  const next = new Map(known);
  for (const { userId, elevated, at } of news) {
    if (at >= (next.get(userId)?.at ?? 0)) next.set(userId, { elevated, at });
  }
  if (next.size <= mostElevated) return next;
  const kept = [...next].toSorted(([, a], [, b]) => Number(b.elevated) - Number(a.elevated) || b.at - a.at);
  return new Map(kept.slice(0, mostElevated));
}

/**
 * The state with `elevated` set on each end of Global Administrator that the elevation outlives: ends without an outcome in `before`, and the last end if
 * the audit row comes after its outcome, unless the role is held again: then its next end will be marked. Pure.
 */
export function markElevated(state: PrincipalState, elevatedAt: number, before = state): PrincipalState {
  const isHeld = [...state.holdings.values()].some(({ roleDefinitionId }) => roleDefinitionId === globalAdministrator);
  const ends = [...state.revocations.values()].filter(isGlobalAdministrator);
  const last = ends.toSorted((a, b) => a.cutOff - b.cutOff).at(-1);
  return changeRevocations(state, (end) => {
    const { key, progress, elevated, cutOff } = end;
    if (!isGlobalAdministrator(end) || elevated === true || elevatedAt > cutOff + tokenLife) return end;
    const wasOpen = before.revocations.get(key)?.progress.state !== "closed";
    const isLastLoss = end === last && !isHeld && progress.state === "closed" && progress.outcome !== "stillHeld";
    return wasOpen || isLastLoss ? { ...end, elevated: true } : end;
  });
}

const partition = "elevated";
const row = "people";
const schema = z.object({
  schema: z.literal(1),
  /** The audit log has been read as far back as it goes. False again when the row was deleted. */
  isComplete: z.boolean(),
  /** Storage's time before which there is no use in reading the log. */
  notBefore: z.number().nullable(),
  people: z.record(z.string(), z.object({ elevated: z.boolean(), at: z.number() })),
});

type Progress = Pick<z.infer<typeof schema>, "isComplete" | "notBefore">;

/** @throws StorageRowError when another version wrote it. */
export async function loadElevations(state: Table) {
  const { content, etag, storageTime } = await loadRow(state, partition, row, schema);
  const { people, ...progress } = content ?? { isComplete: false, notBefore: null, people: {} };
  const elevations: Elevations = new Map(Object.entries(people));
  return { ...progress, elevations, storageTime, etag };
}

/** Stores the entries read, and in `over` how far the log was read. @throws the errors of storage: the log can then be read again without loss */
export async function saveElevations(state: Table, news: readonly Elevation[], over: Partial<Progress> = {}) {
  await retryConflicts(5, async () => {
    const { etag, elevations, isComplete, notBefore } = await loadElevations(state);
    const people = Object.fromEntries(addElevations(elevations, news));
    await state.commit(partition, [putRow(row, { schema: 1, isComplete, notBefore, ...over, people }, etag)]);
  });
}

/** Marks outcomes of users whose elevated access in Azure remains: a revoke does not remove it. Reads the row only if an end of the role was open before. */
export async function noteElevated(
  before: PrincipalState,
  settled: PrincipalState,
  { state, telemetry }: { readonly state: Table; readonly telemetry: Telemetry },
): Promise<PrincipalState> {
  const isOpen = (end: PendingRevocation) => isGlobalAdministrator(end) && end.progress.state !== "closed";
  if (![...before.revocations.values()].some(isOpen)) return settled;
  // The outcome must not wait for a version that can read this row.
  const known = await whereReadable({ partition }, telemetry, () => loadElevations(state));
  const newest = known?.elevations.get(settled.principalId);
  return newest?.elevated ? markElevated(settled, newest.at, before) : settled;
}
