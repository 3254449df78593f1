import type { Clock } from "../base/clock.ts";
import { isGraphError } from "../graph/errors.ts";
import { isGuid } from "../graph/instants-and-ids.ts";

/** Whom and what a page names, the most important first. */
export interface Wanted {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** By object id. Whoever Graph does not know, or was not asked about yet, is missing. */
export type Names = Readonly<Record<string, string>>;
export type ReadNames = (wanted: Wanted) => Promise<Names>;

interface NameSource {
  /** Up to sixty ids. @throws the errors of Graph */
  readonly read: (kind: "user" | "group", ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly clock: Pick<Clock, "monotonic">;
}

/** Milliseconds that a name is kept, in memory alone: somebody may be renamed. */
const freshFor = 5 * 60_000;
/** How many of each kind are asked about for one page, and how many are kept: the next page asks about the rest. */
const askedAtOnce = 60;
const keptAtMost = 2000;

export const noNames: ReadNames = async () => ({});

/** Reads names when a page is shown, remembers them for some minutes, and stores them nowhere. A page without names is better than none. */
export function createKnownNames({ read, clock }: NameSource): ReadNames {
  const known = new Map<string, { readonly name: string | null; readonly at: number }>();
  const isFresh = (id: string, now: number) => now - (known.get(id)?.at ?? Number.NEGATIVE_INFINITY) < freshFor;
  async function learn(kind: "user" | "group", ids: readonly string[], now: number): Promise<void> {
    const unknown = [...new Set(ids)].filter((id) => isGuid(id) && !isFresh(id, now)).slice(0, askedAtOnce);
    if (unknown.length === 0) return;
    try {
      const names = await read(kind, unknown);
      for (const id of unknown) known.set(id, { name: names.get(id) ?? null, at: now });
    } catch (error) {
      if (!isGraphError(error)) throw error;
    }
  }
  return async ({ users, groups }) => {
    const now = clock.monotonic();
    if (known.size > keptAtMost) known.clear();
    await Promise.all([learn("user", users, now), learn("group", groups, now)]);
    return Object.fromEntries(
      [...users, ...groups].flatMap((id) => {
        const name = known.get(id)?.name ?? null;
        return name === null || !isFresh(id, now) ? [] : [[id, name] as const];
      }),
    );
  };
}
