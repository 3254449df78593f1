import type { HoldingScript, IllusionScript } from "../history.ts";

export type View = "list" | "directory";

export interface Window {
  readonly from: number;
  readonly to: number;
}

export const within = ({ from, to }: Window, time: number): boolean => time >= from && time < to;

export interface Illusion extends Window {
  readonly what: "absent" | "present";
  readonly view: View | "both";
  readonly share: number;
}

/** A holding as it truly comes, changes and goes. Times are epoch milliseconds of the tenant. */
export interface Holding {
  readonly role: number;
  readonly scoped: boolean;
  readonly kind: HoldingScript["kind"];
  readonly memberType: "Direct" | "Group";
  readonly how: HoldingScript["end"]["how"];
  readonly from: number;
  readonly plannedEnds: readonly { readonly since: number; readonly end: number; readonly key: number }[];
  readonly shown: Readonly<Record<View, Window>>;
  /** When the last of the two views forgot it: from here on the privilege is really gone. Infinity = it stays. */
  readonly goneAt: number;
  readonly illusions: readonly Illusion[];
}

const second = 1000;
const minute = 60 * second;
/** Nobody extends an assignment in the last moments before its end. */
const lastSeconds = 10 * second;

/** Turns a script into times and keeps it inside the modelled bounds (see `illusionsInBounds`). */
export function resolveHolding(script: HoldingScript, start: number, deletedAt: number | null): Holding {
  const from = start + script.from;
  const permanent = script.kind === "permanent";
  const limit = Math.min(
    script.end.how === "expires" ? Number.POSITIVE_INFINITY : from + script.end.after,
    deletedAt ?? Number.POSITIVE_INFINITY,
  );
  const plannedEnds = permanent ? [] : plannedEndsOf(script, from).filter(({ since }) => since < limit);
  const ended = Math.min(plannedEnds.at(-1)?.end ?? Number.POSITIVE_INFINITY, limit);
  const shown = {
    list: { from: from + script.appears.list, to: ended + script.removal.list },
    directory: { from: from + script.appears.directory, to: ended + script.removal.directory },
  };
  const how = ended === deletedAt ? "removed" : script.end.how;
  const goneAt = Math.max(shown.list.to, shown.directory.to);
  const holding = {
    role: script.role,
    scoped: script.scoped,
    kind: script.kind,
    memberType: script.kind === "activated" && script.eligibleThroughGroup ? ("Group" as const) : ("Direct" as const),
    how,
    from,
    plannedEnds,
    shown,
    goneAt,
  };
  return { ...holding, illusions: illusionsInBounds(script.illusions, holding) };
}

function plannedEndsOf(script: HoldingScript, from: number): Holding["plannedEnds"] {
  const first = { since: Number.NEGATIVE_INFINITY, end: from + script.plannedFor, key: 0 };
  const extension = script.extension;
  if (extension === null || extension.after >= script.plannedFor - lastSeconds) return [first];
  const extended = { since: from + extension.after, end: first.end + extension.by, key: extension.newKey ? 1 : 0 };
  return [first, extended];
}

/**
 * What the simulation promises about wrong answers, and what the app may rely on:
 * - list and directory are wrongly empty at the same time at most once per holding, for less than 5 s (60 s while the row is under
 *   5 minutes old), and never once an announced end has come;
 * - one view alone may be wrongly empty once, for less than 5 minutes;
 * - neither view shows a removed row for more than 5 minutes;
 * - a removed row that had been extended is wrongly shown by the list alone: with the directory's word for it, nobody who had not seen the
 *   extension could tell it from a row that lives.
 */
function illusionsInBounds(scripts: readonly IllusionScript[], holding: Omit<Holding, "illusions">): Illusion[] {
  const kept: Illusion[] = [];
  for (const script of scripts) {
    const illusion = script.what === "present" ? afterglow(script, holding) : blindSpot(script, holding, kept);
    if (illusion !== undefined && illusion.from < illusion.to) kept.push(illusion);
  }
  return kept;
}

function afterglow(script: IllusionScript, holding: Omit<Holding, "illusions">): Illusion | undefined {
  if (!Number.isFinite(holding.goneAt)) return undefined;
  const extended = holding.plannedEnds.length > 1;
  if (extended && script.view === "directory") return undefined;
  const view = extended ? "list" : script.view;
  const { list, directory } = holding.shown;
  const removed = { list: list.to, directory: directory.to, both: Math.min(list.to, directory.to) }[view];
  const from = removed + script.after;
  return { ...script, view, from, to: Math.min(from + script.for, removed + 5 * minute - 1) };
}

function blindSpot(
  script: IllusionScript,
  holding: Omit<Holding, "illusions">,
  others: readonly Illusion[],
): Illusion | undefined {
  const from = Math.max(holding.shown.list.from, holding.shown.directory.from) + script.after;
  const firstGone = Math.min(holding.shown.list.to, holding.shown.directory.to);
  if (script.view !== "both") {
    const window = { ...script, from, to: Math.min(from + Math.min(script.for, 4.5 * minute), firstGone) };
    const clashes = others.some(
      (other) => other.what === "absent" && (other.view === script.view || touches(other, window)),
    );
    return clashes ? undefined : window;
  }
  const young = from < holding.from + 5 * minute;
  const longest = young ? Math.min(59 * second, Math.max(4900, holding.from + 5 * minute - from)) : 4900;
  const firstAnnounced = Math.min(firstGone, ...holding.plannedEnds.map((planned) => planned.end));
  const window = { ...script, from, to: Math.min(from + Math.min(script.for, longest), firstAnnounced - 1) };
  return others.some((other) => other.what === "absent" && (other.view === "both" || touches(other, window)))
    ? undefined
    : window;
}

const touches = (one: Window, other: Window): boolean => one.from <= other.to && other.from <= one.to;
