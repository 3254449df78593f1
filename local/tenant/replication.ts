import type { TenantClock } from "./clock.ts";
import type { Random } from "./random.ts";

/** Called when a change reaches the first replica, and when it has reached the last. */
export type Shown = (by: "first" | "last") => void;

export interface ReplicationSettings {
  /** One replica per entry: how long, in tenant milliseconds, it stays behind the primary. */
  lagsMs: number[];
  /** Every read goes to this replica; null: each read to a random one. */
  force: number | null;
}

/** Rows that are written to a primary and read from replicas, each behind by its own lag, each with its own order kept. */
export interface ReplicatedStore<Row> {
  readonly primary: ReadonlyMap<string, Row>;
  put(key: string, row: Row, shown?: Shown): void;
  remove(key: string, shown?: Shown): void;
  /** What one replica shows now. */
  read(): ReadonlyMap<string, Row>;
  configure(settings: Partial<ReplicationSettings>): void;
  /** Stops a replica from taking changes until it is released. */
  hold(replica: number): void;
  release(replica: number): void;
  readonly replicas: number;
}

interface Change<Row> {
  readonly key: string;
  readonly row: Row | undefined;
  reached(): void;
}

interface Replica<Row> {
  readonly rows: Map<string, Row>;
  lagMs: number;
  held: boolean;
  readonly pending: { change: Change<Row>; dueAt: number }[];
}

export function createReplicatedStore<Row>(clock: TenantClock, random: Random): ReplicatedStore<Row> {
  const primary = new Map<string, Row>();
  const replicas: Replica<Row>[] = [{ rows: new Map(), lagMs: 0, held: false, pending: [] }];
  let force: number | null = null;

  const drain = (replica: Replica<Row>) => {
    for (let next = replica.pending[0]; next && !replica.held && next.dueAt <= clock.now(); next = replica.pending[0]) {
      replica.pending.shift();
      apply(replica.rows, next.change);
      next.change.reached();
    }
  };

  const change = (key: string, row: Row | undefined, shown: Shown | undefined) => {
    const change = { key, row, reached: countReplicas(replicas.length, shown) };
    apply(primary, change);
    for (const replica of [...replicas]) {
      const dueAt = clock.now() + replica.lagMs;
      replica.pending.push({ change, dueAt });
      if (replica.lagMs > 0) clock.at(dueAt, () => drain(replica));
      else drain(replica);
    }
  };

  const replicaAt = (index: number) => {
    const replica = replicas[index];
    if (replica === undefined) throw new RangeError(`there is no replica ${index}, only 0 to ${replicas.length - 1}`);
    return replica;
  };

  return {
    primary,
    get replicas() {
      return replicas.length;
    },
    put: change,
    remove: (key, shown) => change(key, undefined, shown),
    read: () => replicaAt(force ?? random.integer(0, replicas.length - 1)).rows,
    configure(settings) {
      if (settings.lagsMs !== undefined) resize(replicas, settings.lagsMs, primary);
      if (settings.force !== undefined) force = settings.force;
      if (force !== null && force >= replicas.length) force = null;
    },
    hold(index) {
      replicaAt(index).held = true;
    },
    release(index) {
      replicaAt(index).held = false;
      drain(replicaAt(index));
    },
  };
}

function apply<Row>(rows: Map<string, Row>, change: Change<Row>): void {
  if (change.row === undefined) rows.delete(change.key);
  else rows.set(change.key, change.row);
}

function countReplicas(replicas: number, shown: Shown | undefined): () => void {
  let left = replicas;
  return () => {
    if (left === replicas) shown?.("first");
    left -= 1;
    if (left === 0) shown?.("last");
  };
}

/** Gives the store one replica per lag. A new one starts as a copy of the primary; one taken away applies nothing any more. */
function resize<Row>(replicas: Replica<Row>[], lagsMs: number[], primary: ReadonlyMap<string, Row>): void {
  for (const [index, lagMs] of lagsMs.entries()) {
    const replica = replicas[index];
    if (replica) replica.lagMs = lagMs;
    else replicas.push({ rows: new Map(primary), lagMs, held: false, pending: [] });
  }
  for (const replica of replicas.splice(lagsMs.length)) {
    for (const { change } of replica.pending.splice(0)) change.reached();
  }
}
