import type { HoldingScript, IllusionScript } from "../history.ts";
import { assumed } from "./assumed.ts";

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
  /** When the last of the views that ever showed it forgot it: from here on nothing is held by it. Infinity = it stays. */
  readonly goneAt: number;
  readonly illusions: readonly Illusion[];
}

/** Nobody extends an assignment in the last moments before its end. */
const lastSeconds = 10_000;

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
  // A view that never came to show it does not keep it held.
  const shownUntil = Object.values(shown).flatMap((span) => (span.from < span.to ? [span.to] : []));
  const goneAt = Math.max(ended, ...shownUntil);
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
 * What the simulation promises about wrong answers, and what the app may rely on (`assumed.ts` has the times):
 * - list and directory are wrongly empty at the same time for moments only, far apart, and never once an announced end has come;
 * - one view alone may be wrongly empty once, for minutes;
 * - neither view shows a removed row for longer than a stale row may be shown, and one that never showed it does not begin to;
 * - a removed row that had been extended is wrongly shown by the list alone: if the directory showed it as well, nobody who had not seen the
 *   extension could distinguish it from a row that lives.
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
  const { list, directory } = holding.shown;
  const isListed = list.from < list.to;
  if ((extended || script.view === "list") && !isListed) return undefined;
  const view = extended ? "list" : isListed ? script.view : "directory";
  const removed = { list: list.to, directory: directory.to, both: Math.min(list.to, directory.to) }[view];
  const from = removed + script.after;
  return { ...script, view, from, to: Math.min(from + script.for, removed + assumed.staleRow) };
}

function blindSpot(
  script: IllusionScript,
  holding: Omit<Holding, "illusions">,
  others: readonly Illusion[],
): Illusion | undefined {
  const shown = Object.values(holding.shown).filter(({ from, to }) => from < to);
  const from = Math.max(...shown.map((span) => span.from)) + script.after;
  const firstGone = Math.min(...shown.map(({ to }) => to));
  // What one view never shows the other alone denies: that is both.
  const view = shown.length < 2 ? "both" : script.view;
  if (view !== "both") {
    const to = Math.min(from + Math.min(script.for, assumed.staleRow), firstGone);
    const clashes = others.some(
      (other) => other.what === "absent" && (other.view === view || touches(other, { from, to })),
    );
    return clashes ? undefined : { ...script, from, to };
  }
  const newUntil = holding.from + assumed.newFor;
  const young = Math.min(assumed.newSource - 1, Math.max(longest, newUntil - from));
  const firstAnnounced = Math.min(firstGone, ...holding.plannedEnds.map((planned) => planned.end));
  const to = Math.min(from + Math.min(script.for, from < newUntil ? young : longest), firstAnnounced - 1);
  const around = { from: from - assumed.oneLag, to: to + assumed.oneLag };
  const clashes = others.some(
    (other) => other.what === "absent" && touches(other, other.view === "both" ? around : { from, to }),
  );
  return clashes ? undefined : { ...script, view, from, to };
}

/** Shorter than what is assumed. */
const longest = assumed.secondAnswer - 1;

const touches = (one: Window, other: Window): boolean => one.from <= other.to && other.from <= one.to;
