import { z } from "zod";
import type { Elevation } from "../base/audit-activities.ts";
import type { StorageTime } from "../base/clock.ts";
import { isRole, type PendingRevocation, type RoleRevocation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { parseContent } from "../storage/rows.ts";
import { StorageConflictError, type Table, unforged } from "../storage/table.ts";

/**
 * A Global Administrator who has elevated their access holds User Access Administrator over all of Azure. "Deactivating your role assignment does not
 * change the toggle" (Azure docs: elevate-access-global-admin), and no revoke ends it: the app can only say so.
 */
export const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10";

/** Milliseconds after the end within which an old token may still elevate: the longest life of one (Entra docs: concept-continuous-access-evaluation). */
const tokenLife = 28 * 3_600_000;

/** People that one row holds (1 MiB, two bytes for a character) with room to spare. The oldest are forgotten first, those who are not elevated before all. */
export const mostElevated = 4_000;

/** The newest thing that the audit log tells of each; who is not named was never seen elevated. */
type Elevations = ReadonlyMap<string, Omit<Elevation, "userId">>;

/** The newest row of each counts, whatever order they come in. Pure. */
export function addElevations(known: Elevations, news: readonly Elevation[]): Elevations {
  const next = new Map(known);
  for (const { userId, elevated, at } of news) {
    if (at >= (next.get(userId)?.at ?? 0)) next.set(userId, { elevated, at });
  }
  if (next.size <= mostElevated) return next;
  const kept = [...next].toSorted(([, a], [, b]) => Number(b.elevated) - Number(a.elevated) || b.at - a.at);
  return new Map(kept.slice(0, mostElevated));
}

const isGlobalAdministrator = (revocation: PendingRevocation): revocation is RoleRevocation =>
  isRole(revocation) && revocation.roleDefinitionId === globalAdministrator;

/** Whether it matters if this principal is elevated: an end of that role has no outcome yet. */
export const concernsElevation = ({ revocations }: PrincipalState): boolean =>
  [...revocations.values()].some(
    (revocation) => isGlobalAdministrator(revocation) && revocation.progress.state !== "closed",
  );

/**
 * The state with the mark on each end of Global Administrator that the elevation outlives: those without an outcome, and the last one, should the row
 * come after its outcome. Nothing while the role is held: its end will be marked. `before`: what had no outcome then counts as without. Pure.
 */
export function markElevated(state: PrincipalState, elevatedAt: number, before = state): PrincipalState {
  const isHeld = [...state.holdings.values()].some(({ roleDefinitionId }) => roleDefinitionId === globalAdministrator);
  const ends = [...state.revocations.values()].filter(isGlobalAdministrator);
  const last = ends.toSorted((a, b) => a.cutOff - b.cutOff).at(-1);
  const marked = ends.filter((end) => {
    const { key, progress, elevated, cutOff } = end;
    if (elevated === true || elevatedAt > cutOff + tokenLife) return false;
    if (before.revocations.get(key)?.progress.state !== "closed") return true;
    return end === last && !isHeld && progress.state === "closed" && progress.outcome !== "stillHeld";
  });
  if (marked.length === 0) return state;
  const revocations = marked.map((end) => [end.key, { ...end, elevated: true }] as const);
  return { ...state, revocations: new Map([...state.revocations, ...revocations]) };
}

const partition = "elevated";
const row = "people";
const schema = z.object({
  schema: z.literal(1),
  isComplete: z.boolean(),
  notBefore: z.number().nullable(),
  people: z.record(z.string(), z.object({ elevated: z.boolean(), at: z.number() })),
});

interface LoadedElevations {
  readonly elevations: Elevations;
  /** The log has been read as far back as it goes. False again when somebody removed the row. */
  readonly isComplete: boolean;
  /** Storage's time before which there is no use in reading it. */
  readonly notBefore: StorageTime | null;
  readonly storageTime: StorageTime;
  readonly etag: string | null;
}

/** @throws StorageRowError when another version wrote it. */
export async function loadElevations(state: Table): Promise<LoadedElevations> {
  const { value, storageTime } = await state.get(partition, row);
  const trusted = unforged(value);
  const content = trusted === undefined ? null : parseContent(trusted, schema);
  return {
    elevations: new Map(Object.entries(content?.people ?? {})),
    isComplete: content?.isComplete ?? false,
    notBefore: content?.notBefore ?? null,
    storageTime,
    etag: value?.etag ?? null,
  };
}

/** How often the row is written again when somebody else is writing it. */
const tries = 5;

/** Adds what was read, and whether that was all there is. @throws the errors of storage: then nothing is lost by reading it again */
export async function saveElevations(
  state: Table,
  news: readonly Elevation[],
  over: Partial<Pick<LoadedElevations, "isComplete" | "notBefore">> = {},
): Promise<void> {
  for (let left = tries - 1; ; left -= 1) {
    const { etag, elevations, isComplete, notBefore } = await loadElevations(state);
    const people = Object.fromEntries(addElevations(elevations, news));
    const content = { schema: 1, isComplete, notBefore, ...over, people };
    const put = etag === null ? { type: "insert" as const } : { type: "replace" as const, etag };
    try {
      await state.commit(partition, [{ ...put, row, content }]);
      return;
    } catch (error) {
      if (!(error instanceof StorageConflictError) || left === 0) throw error;
    }
  }
}

/** Since when this user is elevated; null when nothing tells that they are. */
export async function elevatedSince(state: Table, userId: string): Promise<number | null> {
  const one = (await loadElevations(state)).elevations.get(userId);
  return one?.elevated === true ? one.at : null;
}
