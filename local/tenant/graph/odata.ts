import { badRequest } from "./graph-error.ts";

/** A JSON object as Graph returns it. */
export type Row = Readonly<Record<string, unknown>>;

export interface Condition {
  readonly field: string;
  readonly value: string | null;
}

const comparison = /^\s*(\w+)\s+eq\s+(null|'((?:[^']|'')*)')\s*(?:$|and\s+)/i;

/** Parses `field eq 'value' and ...`; anything else, and any field outside `allowed`, is a 400. */
export function parseFilter(filter: string | null, allowed: readonly string[]): Condition[] {
  const conditions: Condition[] = [];
  for (let rest = filter ?? ""; rest.trim() !== ""; ) {
    const match = comparison.exec(rest);
    const field = allowed.find((name) => name.toLowerCase() === match?.[1]?.toLowerCase());
    if (match === null || field === undefined) throw badRequest("Invalid filter clause");
    conditions.push({ field, value: match[3]?.replaceAll("''", "'") ?? null });
    rest = rest.slice(match[0].length);
  }
  return conditions;
}

export function matches(row: Row, conditions: readonly Condition[]): boolean {
  return conditions.every(({ field, value }) => lower(row[field]) === lower(value));
}

function lower(value: unknown): unknown {
  return typeof value === "string" ? value.toLowerCase() : value;
}

/** Keeps the selected properties, in the order asked for; without `$select`, the `standard` ones. Unknown ones are a 400. */
export function selectFrom(row: Row, select: string | null, standard: readonly string[], type: string): Row {
  const names = select === null ? standard : select.split(",").map((name) => name.trim());
  return Object.fromEntries(
    names.map((name) => {
      if (!(name in row))
        throw badRequest(`Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`);
      return [name, row[name]];
    }),
  );
}
