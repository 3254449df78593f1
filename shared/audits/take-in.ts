import { changePrincipal } from "../assignments/change-principal.ts";
import type { CoreDependencies } from "../assignments/core-dependencies.ts";
import type { LoadedPrincipal } from "../assignments/load-principal.ts";
import { toMessage } from "../assignments/messages.ts";
import type { ToldEnd } from "../assignments/told-end.ts";
import { noteTold } from "../detection/audit-match.ts";
import { sideBySide } from "../operations/side-by-side.ts";
import type { PrivilegeEnd } from "../signals/classify-audit.ts";
import { rowKey } from "../storage/document-keys.ts";
import { StorageRowError } from "../storage/storage-errors.ts";
import type { AuditNews, RuledAct } from "./audit-memory.ts";

/** Milliseconds. PIM's row was seen up to seven seconds after Core Directory's: as in `reduce-ends.ts`. */
const pimLate = 120_000;

interface Item {
  readonly told: ToldEnd[];
  /** Whether a look is due even if what is told is known. */
  looks: boolean;
}

/**
 * Takes in what we read ourselves from Graph's audit log: each end and each ruled act is noted in the partition of its principal, durably,
 * before the look that judges it is asked for. What lies before `from` is a hint only: the first run revokes nothing. `date` is Graph's time.
 * @throws the errors of storage: then nothing is lost by taking it in again.
 */
export async function takeIn(
  news: AuditNews,
  from: number,
  date: number,
  dependencies: CoreDependencies,
): Promise<void> {
  await sideBySide([...plan(news, from, date)], ([principalId, item]) => deliver(principalId, item, dependencies));
}

function plan(
  { ends, looks, ruled, isAgain = false }: AuditNews,
  from: number,
  date: number,
): ReadonlyMap<string, Item> {
  const items = new Map<string, Item>();
  const item = (principalId: string): Item => {
    const known = items.get(principalId) ?? { told: [], looks: false };
    items.set(principalId, known);
    return known;
  };
  for (const principalId of looks) item(principalId).looks = true;
  for (const end of ends) {
    // PIM's row alone may be of an end of before: Core Directory's, of which there is one of every end, has the moment.
    const isNew = end.at - (end.toldBy === "pim" ? pimLate : 0) >= from;
    const principal = item(end.principalId);
    if (end.kind === "roleEnd") {
      if (isNew) principal.told.push({ ...toTold(end, date), ...(isAgain ? { again: true } : {}) });
      else principal.looks = true;
      continue;
    }
    const group = item(end.groupId);
    group.looks = true;
    principal.looks = true;
    if (isNew) group.told.push(toTold(end, date));
  }
  for (const act of ruled) if (act.at >= from) item(act.userId).told.push(toldOfRule(act, date));
  return items;
}

const wholeSecond = (time: number): number => Math.floor(time / 1000) * 1000;

function toTold(end: PrivilegeEnd, foundAt: number): ToldEnd {
  const { toldBy, principalId } = end;
  const at = wholeSecond(end.at);
  if (end.kind === "roleEnd") {
    const { roleDefinitionId, reason } = end;
    const key = rowKey("audit", roleDefinitionId, new Date(at).toISOString());
    return { kind: "role", key, at, foundAt, toldBy, roleDefinitionId, end: reason };
  }
  // Core Directory's row tells it, and there is one of every removal.
  const access = end.accessId ?? "member";
  const key = rowKey("audit", access, principalId, new Date(at).toISOString());
  return { kind: "access", key, at, foundAt, toldBy, principalId, access };
}

function toldOfRule({ activity, at: exactly }: RuledAct, foundAt: number): ToldEnd {
  const at = wholeSecond(exactly);
  return { kind: "activity", key: rowKey("rule", activity, new Date(at).toISOString()), at, foundAt, activity };
}

async function deliver(principalId: string, { told, looks }: Item, dependencies: CoreDependencies): Promise<void> {
  const { signals, telemetry } = dependencies;
  try {
    const waits = told.length > 0 && (await note(principalId, told, dependencies));
    // Most ends have been found before their rows come, a thousand of them at times: they need no second look.
    if (!waits && !looks) return;
    await signals.send(toMessage({ principalId, because: "audit", tries: 0 }), 0);
  } catch (error) {
    if (!(error instanceof StorageRowError)) throw error;
    telemetry.alarm("rowUnreadable", { principalId, row: error.row, code: error.code });
  }
}

/** Resolves to whether something waits for a look. */
async function note(principalId: string, told: readonly ToldEnd[], dependencies: CoreDependencies): Promise<boolean> {
  const add = ({ state, storageTime }: LoadedPrincipal) => {
    // Who left a group that nobody watches lost nothing that we know of.
    const judged = state.head.kind === "group" ? told : told.filter(({ kind }) => kind !== "access");
    return noteTold(state, judged, storageTime, dependencies.timings.lag);
  };
  const { head } = await changePrincipal(principalId, add, dependencies);
  return head.told !== undefined;
}
