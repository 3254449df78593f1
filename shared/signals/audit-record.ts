/** One row of Entra's audit log, from the stream or from Graph. Its values may name people: only ids may be logged. */
export interface AuditRecord {
  /** The key to dedupe rows by: correlation ids are shared by different rows. */
  readonly id: string;
  /** Lower case; null when the source does not say. Graph's rows never do. */
  readonly tenantId: string | null;
  /** `activityDisplayName`, as written. */
  readonly activity: string;
  /** `activityDateTime` in UTC (see `canonicalInstant`). */
  readonly occurredAt: string;
  /** Lower case, `""` when absent. */
  readonly result: string;
  /** `loggedByService`, as written, `""` when absent. */
  readonly service: string;
  /** The audit category, as written, `""` when absent. */
  readonly category: string;
  /** `initiatedBy.user.id`, lower case; null when absent. Only elevated access is judged by it, since nobody can elevate anybody else. */
  readonly initiatorId: string | null;
  readonly targets: readonly AuditTarget[];
  readonly details: readonly AuditDetail[];
}

/** One entry of `targetResources`. Their order means nothing: a row of PIM has up to nine. */
export interface AuditTarget {
  /** Lower case if it is a GUID; null when absent. */
  readonly id: string | null;
  /** Lower case, e.g. `user`; `""` when absent. */
  readonly type: string;
  readonly properties: readonly ModifiedProperty[];
}

/** One entry of `modifiedProperties`; null stands for absent. */
export interface ModifiedProperty {
  readonly name: string;
  readonly oldValue: unknown;
  readonly newValue: unknown;
}

/** One entry of `additionalDetails`. */
export interface AuditDetail {
  readonly key: string;
  readonly value: unknown;
}

/** A record that could not be read: where it stood and what in it is wrong, never its content. */
export interface AuditProblem {
  /** e.g. `messages[2].records[5]` or `rows[3]` */
  readonly position: string;
  /** e.g. `properties.targetResources.0.id` */
  readonly place: string;
}

export interface ParsedAudits {
  readonly records: readonly AuditRecord[];
  readonly problems: readonly AuditProblem[];
}
