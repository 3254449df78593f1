import type { Frozen, FrozenRow } from "../../fixtures/frozen/frozen.ts";
import type { World } from "./world.ts";

/** Times from the year of the fixtures on: as numbers, in keys, and as Graph writes them. */
const isTime = (value: number): boolean => value > 1_700_000_000_000;
const epochTime = /(?<=\|)17\d{11}(?=\|)/g;
const isoTime = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/**
 * Puts frozen rows of principals into a world's storage as though their version had stopped at the next whole second, so that no session of
 * theirs is younger: with the world's ids in the place of theirs, and all
 * times moved on. What is about somebody without an id in `ids` is left out.
 */
export async function plantFrozen(
  { sealed }: World,
  left: Frozen,
  ids: ReadonlyMap<string, string>,
  now = Math.floor(Date.now() / 1000) * 1000 + 1000,
): Promise<void> {
  const shift = now - Math.floor(left.at / 1000) * 1000;
  const moved = (text: string) => new Date(Date.parse(text) + shift).toISOString().replace(/\.?0*Z$/, "Z");
  const reword = (text: string) => {
    const ours = [...ids].reduce((known, [theirs, id]) => known.replaceAll(theirs, id), text);
    return ours.replace(isoTime, moved).replace(epochTime, (time) => String(Number(time) + shift));
  };
  const adapt = (value: unknown): unknown => {
    if (typeof value === "string") return reword(value);
    if (typeof value === "number") return isTime(value) ? value + shift : value;
    if (Array.isArray(value)) return value.filter(isHere).map(adapt);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [reword(name), adapt(inner)]));
  };
  const isHere = (item: unknown) => {
    const { principalId } = Object(item);
    return typeof principalId !== "string" || ids.has(principalId);
  };
  const byPartition = Map.groupBy(left.principals, ({ partition }) => partition);
  for (const [partition, rows] of byPartition) {
    const principalId = ids.get(partition);
    if (principalId === undefined) continue;
    await sealed.principals.commit(principalId, rows.map(toInsert));
  }

  function toInsert({ row, content: { seal: _, ...content } }: FrozenRow) {
    return { type: "insert", row: reword(row), content: adapt(content) } as const;
  }
}
