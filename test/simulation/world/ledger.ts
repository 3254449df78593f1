import type { Operation, Table } from "../../../shared/storage/table.ts";
import type { RecordedOutcome } from "../judge/evidence.ts";

/** A pending revocation as one row of the app shows it. */
export type RevocationRow = Pick<
  RecordedOutcome,
  "principalId" | "role" | "scope" | "audited" | "cutOff" | "outcome" | "verified"
> & {
  /** Where it stands with the revocation threshold; null = not asked yet. */
  readonly mark: string | null;
};

export type ReadRevocation = (partition: string, row: string, content: unknown) => RevocationRow | undefined;

type Entry = { -readonly [Key in keyof RecordedOutcome]: RecordedOutcome[Key] };

/** Follows every pending revocation through the rows that are really written, whatever answer the writer got. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #marks = new Map<string, string>();
  readonly #read: ReadRevocation;
  readonly #now: () => number;

  constructor(read: ReadRevocation, now: () => number) {
    this.#read = read;
    this.#now = now;
  }

  /** The same table, with every commit entered in this ledger. */
  following(table: Table): Table {
    return {
      ...table,
      commit: async (partition, operations) => {
        const answer = await table.commit(partition, operations);
        for (const operation of operations) this.#note(partition, operation);
        return answer;
      },
    };
  }

  outcomes(): RecordedOutcome[] {
    return [...this.#entries.values()];
  }

  /** Every mark of the threshold that a pending revocation ever had. */
  marks(): string[] {
    return [...this.#marks.values()];
  }

  pending(): number {
    let pending = 0;
    for (const { closedAt } of this.#entries.values()) if (closedAt === null) pending += 1;
    return pending;
  }

  #note(partition: string, operation: Operation): void {
    const key = `${partition} ${operation.row}`;
    const known = this.#entries.get(key);
    if (operation.type === "delete") {
      if (known !== undefined && known.closedAt === null) known.vanished = true;
      return;
    }
    const read = this.#read(partition, operation.row, operation.content);
    if (read === undefined) return;
    const { mark, ...row } = read;
    if (mark !== null) this.#marks.set(`${key} ${mark}`, mark);
    const now = this.#now();
    if (known === undefined) {
      const closedAt = row.outcome === null ? null : now;
      this.#entries.set(key, { ...row, datedAt: now, openedAt: now, closedAt, changedTo: [], vanished: false });
    } else if (known.closedAt === null) {
      if (row.cutOff !== known.cutOff) Object.assign(known, { cutOff: row.cutOff, datedAt: now });
      if (row.outcome !== null) Object.assign(known, { outcome: row.outcome, verified: row.verified, closedAt: now });
    } else if (row.outcome !== known.outcome) {
      known.changedTo = [...known.changedTo, row.outcome ?? "pending"];
    }
  }
}
