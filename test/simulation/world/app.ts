import type { Clock } from "../../../shared/clock.ts";
import type { Graph } from "../../../shared/graph/graph.ts";
import type { Queue } from "../../../shared/storage/queue.ts";
import type { Table } from "../../../shared/storage/table.ts";
import type { Telemetry } from "../../../shared/telemetry/telemetry.ts";
import type { Policy } from "../judge/evidence.ts";
import type { ReadObligation } from "./ledger.ts";
import type { Random } from "./random.ts";

export interface AuditedEnd {
  readonly role: string;
  /** In whole seconds. */
  readonly at: number;
}

export type Order = "stop" | "resume" | "release";

/** One started instance of the app under test: its two entry points. */
export interface App {
  resync(): Promise<void>;
  handleMessage(message: unknown): Promise<void>;
  /** An operator's order. */
  order(action: Order): Promise<void>;
}

export interface Ports {
  readonly clock: Clock;
  readonly graph: Graph;
  /** Whether Graph's audit log shows that this principal lost this role within ten minutes of `around`. */
  readonly auditLog: (principalId: string, roleDefinitionId: string, around: number) => Promise<boolean>;
  /** One partition per principal. */
  readonly principals: Table;
  /** Everything else that the app keeps. */
  readonly state: Table;
  readonly queue: Queue;
  readonly telemetry: Telemetry;
  readonly random: Random;
}

/** How the simulation starts an app, signals to it, and reads what it recorded. */
export interface AppUnderTest {
  start(ports: Ports, settings: { readonly policy: Policy; readonly resyncEvery: number }): App;
  /** The queue message by which a signal says "reconcile this principal"; `ended`: by Graph's own word that this role of theirs ended. */
  hint(principalId: string, ended?: AuditedEnd): unknown;
  /** What a row of the app's table says about an obligation, if it is about one. */
  readonly readObligation: ReadObligation;
}
