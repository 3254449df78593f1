import { instantMs } from "../graph/instant.ts";
import type { Elevation } from "../signals/audit-activities.ts";
import type { AuditRecord } from "../signals/audit-record.ts";
import { classifyAudit, type PrivilegeEnd } from "../signals/classify-audit.ts";
import { elevationOf } from "../signals/read-elevation.ts";
import { reduceEnds } from "../signals/reduce-ends.ts";

/** What rows tell that no row told before. */
export interface AuditNews {
  /** Core Directory's and PIM's row of one end are one. */
  readonly ends: readonly PrivilegeEnd[];
  /** Who is worth a look, no more: who activated something, and who may have lost something that the row does not name exactly. */
  readonly looks: ReadonlySet<string>;
  readonly ruled: readonly RuledAct[];
  readonly elevations: readonly Elevation[];
  /** Told once more about principals whose rows vanished, and with them what was known. */
  readonly isAgain?: boolean;
}

/** Something that a rule of `AUDIT_RULES` names, done to a user. */
export interface RuledAct {
  readonly userId: string;
  readonly activity: string;
  /** Epoch milliseconds of `activityDateTime`. */
  readonly at: number;
}

/**
 * What one process has taken in of the audit log: rows are read several times, since they come late and out of order, and the stream may
 * repeat itself. It saves work, no more: what is taken in twice comes to the same.
 */
export interface AuditMemory {
  /** The activities of `AUDIT_RULES`. */
  readonly rules: ReadonlySet<string>;
  knows(rowId: unknown): boolean;
  /** What is new in these rows; `remember` once it is taken in, with the ids of rows that could not be read. */
  news(records: readonly AuditRecord[]): { readonly news: AuditNews; remember(broken?: readonly string[]): void };
}

/** `keepFor`: milliseconds before the newest row. */
export function createAuditMemory(rules: ReadonlySet<string>, keepFor: number): AuditMemory {
  let known: { readonly times: ReadonlyMap<string, number>; readonly ends: readonly PrivilegeEnd[] } = {
    times: new Map(),
    ends: [],
  };
  return {
    rules,
    knows: (rowId) => typeof rowId === "string" && known.times.has(rowId),
    news(records) {
      const fresh = records.filter(({ id }) => !known.times.has(id));
      const verdicts = fresh.map((record) => ({ record, verdict: classifyAudit(record) }));
      const told = verdicts.flatMap(({ verdict }) =>
        verdict.kind === "roleEnd" || verdict.kind === "groupEnd" ? [verdict] : [],
      );
      const ends = reduceEnds([...known.ends, ...told]);
      const looks = new Set(verdicts.flatMap(({ verdict }) => worthLook(verdict)));
      const elevations = fresh.flatMap(elevationOf);
      const ruled = verdicts.flatMap(({ record, verdict }) => ruledBy(rules, record, verdict));
      return {
        news: {
          ends: ends.filter(({ rowIds }) => !rowIds.some((id) => known.times.has(id))),
          looks,
          ruled,
          elevations,
        },
        remember(broken = []) {
          const read = [...known.times, ...fresh.map(({ id, occurredAt }) => [id, instantMs(occurredAt)] as const)];
          const newest = read.reduce((latest, [, time]) => Math.max(latest, time), 0);
          const times = [...read, ...broken.map((id) => [id, newest] as const)];
          known = {
            times: new Map(times.filter(([, time]) => time >= newest - keepFor)),
            ends: ends.filter(({ at }) => at >= newest - keepFor),
          };
        },
      };
    },
  };
}

type Verdict = ReturnType<typeof classifyAudit>;

function worthLook(verdict: Verdict): readonly string[] {
  if (verdict.kind === "unclearEnd") return verdict.candidateIds;
  return verdict.kind === "activation" && verdict.stage === "completed" ? verdict.principalIds : [];
}

/** Only when the row names one user: nobody is signed out for standing in somebody else's row. */
function ruledBy(
  rules: ReadonlySet<string>,
  { occurredAt, activity }: AuditRecord,
  verdict: Verdict,
): readonly RuledAct[] {
  if (verdict.kind !== "userLifecycle" && verdict.kind !== "securityEvent") return [];
  const [userId, ...more] = verdict.userIds;
  if (!rules.has(activity) || userId === undefined || more.length > 0) return [];
  return [{ userId, activity, at: instantMs(occurredAt) }];
}
