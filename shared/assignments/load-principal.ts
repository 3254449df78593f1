import { fanoutPrefix, fanoutSchema, membersPrefix, membersSchema } from "../groups/group-rows.ts";
import { memberKey } from "../groups/group-state.ts";
import type { Obligation } from "../revocation/obligation.ts";
import { parseContent } from "../storage/parse-content.ts";
import { StorageRowError } from "../storage/storage-errors.ts";
import type { Row, Table } from "../storage/table.ts";
import {
  accessObligationSchema,
  attemptRow,
  attemptSchema,
  headRow,
  headSchema,
  obligationPrefix,
  roleObligationSchema,
  ruleObligationSchema,
  tombstonePrefix,
  tombstoneSchema,
  watchPrefix,
  watchSchema,
} from "./principal-rows.ts";
import { emptyHead, emptyState, type PrincipalState } from "./principal-state.ts";

export interface LoadedPrincipal {
  readonly state: PrincipalState;
  /** Row key to etag, of every row of the partition. */
  readonly etags: ReadonlyMap<string, string>;
  /** Storage's time of the answer, epoch milliseconds, whole seconds. */
  readonly storageTime: number;
}

/**
 * Everything stored of a principal. The head sorts first, so it is read before the rest: a commit on its etag proves the rest unchanged.
 * @throws StorageRowError when a row cannot be read by this version.
 */
export async function loadPrincipal(table: Table, principalId: string): Promise<LoadedPrincipal> {
  const { value: rows, storageTime } = await table.list(principalId);
  return { state: toState(principalId, rows), etags: new Map(rows.map(({ row, etag }) => [row, etag])), storageTime };
}

function toState(principalId: string, rows: readonly Row[]): PrincipalState {
  const head = rows.find(({ row }) => row === headRow);
  const attempt = rows.find(({ row }) => row === attemptRow);
  const unknown = rows.find(({ row }) => !isKnown(row));
  if (unknown !== undefined) {
    throw new StorageRowError(
      `Row ${unknown.row} of principal ${principalId} is of a kind that this version does not know. It is left as it is.`,
    );
  }
  return {
    ...emptyState(principalId),
    head: head === undefined ? emptyHead : parseContent(head, headSchema),
    watches: byKey(withPrefix(rows, watchPrefix).map((row) => parseContent(row, watchSchema))),
    tombstones: byKey(withPrefix(rows, tombstonePrefix).map((row) => parseContent(row, tombstoneSchema))),
    obligations: byKey(withPrefix(rows, obligationPrefix).map(readObligation)),
    attempt: attempt === undefined ? null : { ...parseContent(attempt, attemptSchema), writtenAt: attempt.timestamp },
    members: new Map(
      withPrefix(rows, membersPrefix)
        .flatMap(readMembers)
        .map((member) => [memberKey(member), member]),
    ),
    fanouts: byKey(withPrefix(rows, fanoutPrefix).map((row) => parseContent(row, fanoutSchema))),
  };
}

function readObligation(row: Row): Obligation {
  if (has(row.content, "access")) return parseContent(row, accessObligationSchema);
  if (has(row.content, "activity")) return parseContent(row, ruleObligationSchema);
  return parseContent(row, roleObligationSchema);
}

const has = (content: unknown, name: string): boolean =>
  typeof content === "object" && content !== null && name in content;

function readMembers(row: Row) {
  const chunk = Number(row.row.slice(membersPrefix.length));
  return parseContent(row, membersSchema).members.map((member) => ({ ...member, chunk }));
}

const isKnown = (row: string): boolean =>
  row === headRow ||
  row === attemptRow ||
  [watchPrefix, tombstonePrefix, obligationPrefix, membersPrefix, fanoutPrefix].some((prefix) =>
    row.startsWith(prefix),
  );

const withPrefix = (rows: readonly Row[], prefix: string) => rows.filter(({ row }) => row.startsWith(prefix));

const byKey = <T extends { key: string }>(entities: readonly T[]): ReadonlyMap<string, T> =>
  new Map(entities.map((entity) => [entity.key, entity]));
