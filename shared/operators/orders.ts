import { z } from "zod";
import {
  isForged,
  parseContent,
  type Row,
  StorageConflictError,
  StorageRowError,
  type Table,
} from "../storage/table.ts";
import { redrive, release, resume } from "./order-principals.ts";
import { listPending, type OperationDependencies, type Pending } from "./pending.ts";
import type { AppRole, Operator } from "./prove-caller.ts";

const text = z.string().trim().min(1).max(200);
const why = { reason: text };

/** A boolean, or its text: the forms of the status page send text. */
const yesOrNo = z.union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")]);

/** The body of each action. Strict, since a misspelt `principalId` must not become a release of all users. */
const bodies = {
  stop: z.strictObject(why),
  review: z.strictObject(why),
  resume: z.strictObject({ ...why, carryOutPending: z.exactOptional(yesOrNo) }),
  release: z.strictObject({ ...why, principalId: z.exactOptional(z.guid().toLowerCase()) }),
  redrive: z.strictObject({ ...why, messageId: z.exactOptional(text) }),
};

type Action = keyof typeof bodies;

/** The app role that an action needs. */
export const roleFor = (action: string): AppRole => (action === "review" ? "Cutoff.Read" : "Cutoff.Operate");

/** An operator's order, with the reason that is kept. */
export interface Operation {
  readonly action: Action;
  readonly reason: string;
  /** For `release`: only this user. */
  readonly principalId?: string;
  /** For `resume`: whether ends more than an hour ago are carried out, too. If absent, the operator is first shown the pending revocations. */
  readonly carryOutPending?: boolean;
  /** For `redrive`: only this dead letter. */
  readonly messageId?: string;
}

type OperationReading =
  | { readonly kind: "operation"; readonly operation: Operation }
  | { readonly kind: "unknownAction"; readonly actions: readonly string[] }
  /** The invalid fields and what is expected; never the values found. */
  | { readonly kind: "badBody"; readonly problems: readonly string[] };

const isAction = (action: string): action is Action => Object.hasOwn(bodies, action);

/** Parses `POST /api/operations/{action}` from the action's name and the body's text. Pure. */
export function readOperation(action: string, body: string): OperationReading {
  if (!isAction(action)) return { kind: "unknownAction", actions: Object.keys(bodies) };
  const json = parseJson(body);
  if (json === undefined) return { kind: "badBody", problems: ['The body must be JSON, e.g. { "reason": "..." }.'] };
  const result = bodies[action].safeParse(json);
  if (result.success) return { kind: "operation", operation: { action, ...result.data } };
  return { kind: "badBody", problems: result.error.issues.flatMap((issue) => toProblems(issue, action)) };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const expectedOf: ReadonlyMap<PropertyKey, string> = new Map([
  ["principalId", "the object id of a user"],
  ["carryOutPending", "true or false"],
]);

function toProblems(issue: z.core.$ZodIssue, action: Action): readonly string[] {
  if (issue.code === "unrecognized_keys") {
    const fields = issue.keys.length === 1 ? "field" : "fields";
    return [`${issue.keys.length} unknown ${fields}: ${action} takes ${Object.keys(bodies[action].shape).join(", ")}.`];
  }
  const field = issue.path[0];
  if (field === undefined) return ['The body must be a JSON object, e.g. { "reason": "..." }.'];
  const expected = expectedOf.get(field) ?? "a text of 1 to 200 characters";
  return [`${String(field)}: expected ${expected}${field === "reason" ? " (required)" : ""}.`];
}

/** The result of an operation, for the operator. */
export interface Operated {
  /** Row of its record, in partition `operations` of the table `state`. */
  readonly operationId: string;
  readonly action: Operation["action"];
  /** Number of principals that get a pass because of it. */
  readonly principals: number;
  /** A remark for the operator, or null. */
  readonly note: string | null;
  /** For `review`, and for a `resume` that was not carried out. */
  readonly pending?: Pending;
}

const notResumed =
  "Nothing was resumed: check the pending revocations first. Then repeat the order with carryOutPending true to carry out all of them, or false " +
  "to hold those of ends more than an hour ago until they are released.";

const stoppedAnew =
  "Another stop was ordered during this resume, and stays in force. The revocations that this resume approved are carried out once that stop is lifted.";

/**
 * Carries out an operator's order. Operator, time and reason are first recorded and raised as an alarm, so that no order is hidden. Each may be repeated.
 * @throws the errors of storage: the order may be carried out in part; repeating it does the rest.
 */
export async function operate(
  operation: Operation,
  { objectId: by }: Pick<Operator, "objectId">,
  dependencies: OperationDependencies,
): Promise<Operated> {
  const { state, graphClock, newId, telemetry } = dependencies;
  const { action, principalId = null, messageId = null, carryOutPending = null } = operation;
  const operationId = newId();
  const orderedAt = await recordOrder(state, operationId, operation, by, graphClock.now());
  // Without the reason, which may contain names: it is only in the record.
  telemetry.alarm("operation", { operationId, by, action, principalId, messageId, carryOutPending });
  const done = await carryOut(operation, { by, operationId, orderedAt }, dependencies);
  telemetry.event("operated", { operationId, action, principals: done.principals });
  return { operationId, action, ...done };
}

async function carryOut(
  { action, reason, principalId, messageId, carryOutPending }: Operation,
  { by, operationId, orderedAt }: { readonly by: string; readonly operationId: string; readonly orderedAt: number },
  dependencies: OperationDependencies,
): Promise<Omit<Operated, "operationId" | "action">> {
  const { control, policy } = dependencies;
  switch (action) {
    case "stop":
      await control.stop({ by, reason });
      return {
        principals: 0,
        note: "Nothing is revoked until resume. What is pending stays pending until it is stale.",
      };
    case "review":
      return { principals: 0, note: null, pending: await listPending(dependencies) };
    case "resume": {
      const outcome = await resume(carryOutPending, { operationId, orderedAt }, dependencies);
      if (!outcome.resumed) {
        const note = outcome.because === "unseen" ? notResumed : stoppedAnew;
        return { principals: 0, note, pending: outcome.pending };
      }
      return {
        principals: outcome.principals,
        note: policy.stopped ? "The setting CUTOFF_STOP is true: nothing is revoked until it is false." : null,
      };
    }
    case "release":
      return { principals: await release(principalId, operationId, dependencies), note: null };
    case "redrive": {
      const { principals, discarded, notices, unreadable } = await redrive(messageId, dependencies);
      const note = `Only removed, since they name no principal: ${discarded}. The resync sees to everybody.`;
      const notes = [
        ...(discarded === 0 ? [] : [note]),
        ...(notices === 0 ? [] : [`Outcomes that are sent to the webhook again: ${notices}.`]),
        ...(unreadable === 0
          ? []
          : [`Left as they are, since another version parked them: ${unreadable}. That version can redrive them.`]),
      ];
      return { principals, note: notes.length === 0 ? null : notes.join(" ") };
    }
  }
}

const partition = "operations";

/** In version 1 the request itself named the operator, and the row's timestamp was the time of the order. */
const schema = z.union([
  z.object({ schema: z.literal(1), at: z.undefined().optional() }),
  z.object({ schema: z.literal(2), at: z.iso.datetime() }),
]);

/** Records an order: operator (object id), time (epoch milliseconds) and reason. Resolves to storage's time, epoch milliseconds in whole seconds. */
export async function recordOrder(
  state: Table,
  operationId: string,
  operation: Operation,
  by: string,
  now: number,
): Promise<number> {
  const { action, reason, principalId = null, messageId = null, carryOutPending = null } = operation;
  const at = new Date(now).toISOString();
  const content = { schema: 2, at, by, action, reason, principalId, messageId, carryOutPending };
  const { storageTime } = await state.commit(partition, [{ type: "insert", row: operationId, content }]);
  return storageTime;
}

/** Removes orders from before this time, epoch milliseconds. Rows that this version cannot read stay. Returns the number removed. */
export async function purgeOrders(state: Table, before: number): Promise<number> {
  const { value: rows } = await state.list(partition);
  let purged = 0;
  for (const row of rows.filter((row) => isOlder(row, before))) {
    try {
      await state.commit(partition, [{ type: "delete", row: row.row, etag: row.etag }]);
      purged += 1;
    } catch (error) {
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
  return purged;
}

function isOlder(row: Row, before: number): boolean {
  if (isForged(row)) return false;
  try {
    const { at } = parseContent<z.infer<typeof schema>>(row, schema);
    return (at === undefined ? row.timestamp : Date.parse(at)) < before;
  } catch (error) {
    if (!(error instanceof StorageRowError)) throw error;
    return false;
  }
}
