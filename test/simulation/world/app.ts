import type { Clock } from "../../../shared/base/clock.ts";
import type { AuditQuery, AuditRow } from "../../../shared/graph/directory-audits.ts";
import type { Dated, Graph, GroupGraph } from "../../../shared/graph/graph.ts";
import type { Queue } from "../../../shared/storage/queue.ts";
import type { Table } from "../../../shared/storage/table.ts";
import type { Telemetry } from "../../../shared/telemetry/telemetry.ts";
import type { Policy } from "../judge/evidence.ts";
import type { ReadRevocation } from "./ledger.ts";
import type { Random } from "./random.ts";

/** An end that Graph itself reports: a row of its audit log, with a time in whole seconds, or a notification about a group's members. */
export type ReportedEnd = { readonly role: string; readonly at: number } | { readonly group: string };

export type Order = "stop" | "resume" | "release";

export interface AuditLog {
  /** Its rows, late. */
  rows(query: AuditQuery): Promise<Dated<readonly AuditRow[]>>;
  /** Whether it shows that this principal lost this role, or their membership in this group, within ten minutes of `around`. */
  ended(principalId: string, roleOrGroup: string, around: number): Promise<boolean>;
  /** Those of these principals of whom it shows that they joined the group since then. */
  joinedSince(groupId: string, principalIds: readonly string[], since: number): Promise<ReadonlySet<string>>;
}

/** One started instance of the app under test: its entry points. */
export interface App {
  resync(): Promise<void>;
  /** Reads on in the audit log. */
  catchUp(): Promise<void>;
  handleMessage(message: unknown): Promise<void>;
  /** An operator's order. */
  order(action: Order): Promise<void>;
}

export interface Ports {
  readonly clock: Clock;
  readonly graph: Graph;
  readonly groups: GroupGraph;
  readonly auditLog: AuditLog;
  /** One partition per principal. */
  readonly principals: Table;
  /** Everything else that the app keeps. */
  readonly state: Table;
  readonly queue: Queue;
  readonly telemetry: Telemetry;
  /** For the story of a history and its counts: what the app does not report by itself. */
  readonly note: (what: string, properties: object) => void;
  readonly random: Random;
}

/** How the simulation starts an app, signals to it, and reads what it recorded. */
export interface AppUnderTest {
  start(
    ports: Ports,
    settings: { readonly policy: Policy; readonly resyncEvery: number; readonly sealed: boolean },
  ): App;
  /** The queue message by which a signal says "reconcile this principal"; `ended`: with a report that seems to be Graph's and is anybody's. */
  hint(principalId: string, ended?: ReportedEnd): unknown;
  /** Sends the message in which the app's own endpoints hand over what Graph reported, at that time. */
  report(queue: Queue, principalId: string, ended: ReportedEnd, at: number): Promise<void>;
  /** What a row of the app's table says about a pending revocation, if it is about one. */
  readonly readRevocation: ReadRevocation;
}
