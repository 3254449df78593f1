import { hash } from "node:crypto";
import { classifyAudit, elevationOf, type PrivilegeEnd } from "../../shared/audit-log/classify.ts";
import { type AuditRecord, pimRoles, principalsAmong } from "../../shared/audit-log/record.ts";
import { activityNamed, type Elevation } from "../../shared/base/audit-activities.ts";
import { instantMs } from "../../shared/graph/instants-and-ids.ts";
import { cutsBy } from "./class-of-name.ts";
import { type History, holding, type PartialEnd } from "./history.ts";
import type { Fields } from "./input/fields.ts";
import type { Gap } from "./input/read-audit.ts";
import { partialEnd } from "./partial-end.ts";
import { createPeriod } from "./period.ts";
import type { RecordClass } from "./record-class.ts";

export interface HistoryCollector {
  /**
   * @param gap the fields that the export leaves out of the record
   * @param nameless what the export says of a record without an id: by that a repeated one is recognised
   */
  take(record: AuditRecord, gap: Gap | null, nameless?: Fields | null): RecordClass;
  /** Adds the day of a record that was not read to the period that the export covers. */
  see(at: unknown): void;
  readonly history: () => History;
}

/** Keeps of every record the facts that a verdict needs, by the app's own classification. Records may come in any order. */
export function createHistoryCollector(): HistoryCollector {
  const ends: PrivilegeEnd[] = [];
  const partialEnds: PartialEnd[] = [];
  const cuts = new Map([...cutsBy.values()].map((by) => [by, new Map<string, number[]>()] as const));
  const activations = new Map<string, number[]>();
  const ids = new Map<string, string>();
  /** Epoch milliseconds by row id. The ids cost no memory, since the ends hold them as well. */
  const rows = new Map<string, number>();
  const elevations: Elevation[] = [];
  const period = createPeriod();

  // Every record brings its own copy of an id; one is enough.
  const shared = (id: string): string => {
    const known = ids.get(id);
    if (known === undefined) ids.set(id, id);
    return known ?? id;
  };

  const takePartial = (record: AuditRecord, lacks: Gap): RecordClass => {
    const partial = partialEnd(record, lacks);
    if (partial === undefined) return "unclearEnd";
    partialEnds.push(partial);
    return lacks === "targets" ? "cutOffEnd" : "planelessEnd";
  };

  const takeActivation = (record: AuditRecord, principalIds: readonly string[]) => {
    for (const id of principalIds) {
      for (const role of pimRoles(record)) append(activations, holding(id, role), instantMs(record.occurredAt));
    }
  };

  const takeStop = (record: AuditRecord) => {
    const by = cutsBy.get(record.activity);
    const cutSo = by && cuts.get(by);
    const users = cutSo ? principalsAmong(record).filter(({ type }) => type === "user") : [];
    for (const { id } of users) if (cutSo) append(cutSo, shared(id), instantMs(record.occurredAt));
  };

  /** Whether the row was read before: exports overlap, and a repeated row is ignored. */
  const isRepeated = ({ id, occurredAt }: AuditRecord, nameless: Fields | null): boolean => {
    const at = instantMs(occurredAt);
    const own = nameless === null ? id : contentOf(nameless);
    const key = (rows.get(own) ?? at) === at ? own : `${own} ${at}`;
    if (rows.has(key)) return true;
    rows.set(key, at);
    return false;
  };

  function takeEnd(record: AuditRecord, gap: Gap | null, nameless: Fields | null): RecordClass {
    if (isRepeated(record, nameless)) return "repeated";
    const verdict = classifyAudit(record);
    switch (verdict.kind) {
      case "roleEnd":
        ends.push({
          ...verdict,
          principalId: shared(verdict.principalId),
          roleDefinitionId: shared(verdict.roleDefinitionId),
        });
        return "end";
      case "groupEnd":
        ends.push({ ...verdict, principalId: shared(verdict.principalId), groupId: shared(verdict.groupId) });
        return "end";
      case "unclearEnd":
        return gap === "targets" ? takePartial(record, gap) : classOfUnclear(record);
      case "otherPlane":
        if (gap === "category") return takePartial(record, gap);
        return record.category === "ResourceManagement" ? "azureEnd" : "otherPlane";
      default:
        return "otherPlane";
    }
  }

  return {
    see: period.see,
    take(record, gap, nameless = null) {
      period.see(record.occurredAt);
      if (record.result !== "success") return "notSuccessful";
      const means = activityNamed(record.activity)?.means;
      if (means === "pimEnd" || means === "directoryRoleEnd" || means === "directoryGroupEnd")
        return takeEnd(record, gap, nameless);
      if (means === "elevation") {
        const found = elevationOf(record);
        elevations.push(...found);
        return found.length > 0 ? "elevation" : "otherPlane";
      }
      if (means !== "activation") {
        takeStop(record);
        return "sessionStop";
      }
      // Without its category the row may be an activation of an Azure resource role. That does no harm: no directory role has the same id.
      const verdict = classifyAudit(gap === "category" ? { ...record, category: "RoleManagement" } : record);
      if (verdict.kind !== "activation") {
        return record.category === "ResourceManagement" ? "azureActivation" : "otherPlane";
      }
      if (verdict.stage === "completed") takeActivation(record, verdict.principalIds);
      return "activation";
    },
    history() {
      for (const times of [...[...cuts.values()].flatMap((users) => [...users.values()]), ...activations.values()])
        times.sort((a, b) => a - b);
      return { ends, partialEnds, cuts, activations, elevations, ...period.days() };
    },
  };
}

/** The same for the same fields. Another export may have further columns, which are empty for this record. */
function contentOf(fields: Fields): string {
  const filled = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return hash("sha256", JSON.stringify(filled.toSorted(([a], [b]) => (a < b ? -1 : 1))), "base64url");
}

/** Devices and nested groups also leave groups. They have no session of their own, so there is nothing to cut. */
function classOfUnclear(record: AuditRecord): RecordClass {
  if (activityNamed(record.activity)?.means !== "directoryGroupEnd") return "unclearEnd";
  const principals = principalsAmong(record);
  if (principals.some(({ type }) => type !== "group")) return "unclearEnd";
  if (record.targets.some(({ type }) => type === "device")) return "deviceRemoval";
  return principals.length > 1 ? "nestedGroupRemoval" : "unclearEnd";
}

function append(map: Map<string, number[]>, key: string, value: number): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
