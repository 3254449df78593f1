import { instantMs } from "../graph/instant.ts";
import { activityNamed } from "../signals/audit-activities.ts";
import type { AuditRecord } from "../signals/audit-record.ts";
import { pimRoles, principalsAmong } from "../signals/audit-targets.ts";
import { classifyAudit, type PrivilegeEnd } from "../signals/classify-audit.ts";
import { type CutBy, type History, holding } from "./history.ts";

/** Only what Entra docs: concept-continuous-access-evaluation lists as critical events. */
const cutsBy: ReadonlyMap<string, CutBy> = new Map([
  ["Update StsRefreshTokenValidFrom Timestamp", "sessions revoked"],
  ["Change user password", "password changed"],
  ["Reset password", "password changed"],
  ["Reset user password", "password changed"],
  ["Disable account", "account disabled"],
  ["Delete user", "account disabled"],
  ["Hard Delete user", "account disabled"],
  ["Enable Strong Authentication", "MFA enabled"],
]);

/** Whether a verdict can rest on a record of this activity. Decided by the name alone, it spares parsing most of a tenant's log. */
export function isOfInterest(name: string): boolean {
  switch (activityNamed(name)?.means) {
    case "pimEnd":
    case "directoryRoleEnd":
    case "directoryGroupEnd":
    case "activation":
      return true;
    default:
      return cutsBy.has(name);
  }
}

export interface HistoryCollector {
  /** @returns whether the record tells of an end, so that its names are worth keeping */
  take(record: AuditRecord): boolean;
  /** A record of no interest, for the period that the export covers. */
  see(at: unknown): void;
  readonly history: () => History;
}

/** Keeps of every record what a verdict can rest on, by the responder's own classification. Records may come in any order. */
export function createHistoryCollector(): HistoryCollector {
  const ends: PrivilegeEnd[] = [];
  const cuts = new Map([...cutsBy.values()].map((by) => [by, new Map<string, number[]>()] as const));
  const activations = new Map<string, number[]>();
  const ids = new Map<string, string>();
  let unclear = 0;
  let firstDay: string | null = null;
  let lastDay: string | null = null;

  // Every record brings its own copy of an id; one is enough.
  const shared = (id: string): string => {
    const known = ids.get(id);
    if (known === undefined) ids.set(id, id);
    return known ?? id;
  };
  const see = (at: unknown) => {
    if (typeof at !== "string" || !/^\d{4}-\d{2}-\d{2}/.test(at)) return;
    if (firstDay === null || at < firstDay) firstDay = at.slice(0, 10);
    if (lastDay === null || at.slice(0, 10) > lastDay) lastDay = at.slice(0, 10);
  };

  return {
    see,
    take(record) {
      see(record.occurredAt);
      const verdict = classifyAudit(record);
      switch (verdict.kind) {
        case "roleEnd":
          ends.push({
            ...verdict,
            principalId: shared(verdict.principalId),
            roleDefinitionId: shared(verdict.roleDefinitionId),
          });
          return true;
        case "groupEnd":
          ends.push({ ...verdict, principalId: shared(verdict.principalId), groupId: shared(verdict.groupId) });
          return true;
        case "unclearEnd":
          unclear += 1;
          return false;
        case "activation":
          if (verdict.stage !== "completed") return false;
          for (const id of verdict.principalIds) {
            for (const role of pimRoles(record)) append(activations, holding(id, role), instantMs(record.occurredAt));
          }
          return false;
        case "userLifecycle":
        case "ownTrace": {
          const by = cutsBy.get(record.activity);
          const cutSo = by && cuts.get(by);
          const users = cutSo ? principalsAmong(record).filter(({ type }) => type === "user") : [];
          for (const { id } of users) if (cutSo) append(cutSo, shared(id), instantMs(record.occurredAt));
          return false;
        }
        default:
          return false;
      }
    },
    history: () => ({ ends, cuts, activations, unclear, firstDay, lastDay }),
  };
}

function append(map: Map<string, number[]>, key: string, value: number): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
