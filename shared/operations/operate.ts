import type { CoreDependencies } from "../assignments/core-dependencies.ts";
import type { Operator } from "../operators/operator.ts";
import { listPending, type Pending } from "./list-pending.ts";
import { recordOrder } from "./order-record.ts";
import type { Operation } from "./read-operation.ts";
import { redrive } from "./redrive.ts";
import { release } from "./release.ts";
import { resume } from "./resume.ts";

export type OperationDependencies = Pick<
  CoreDependencies,
  "principals" | "state" | "control" | "graphClock" | "notices" | "signals" | "newId" | "policy" | "telemetry"
>;

/** What came of an operation, for the operator. */
export interface Operated {
  /** Row of the record that was made of it, in partition `operations` of the table `state`. */
  readonly operationId: string;
  readonly action: Operation["action"];
  /** How many principals are being looked at because of it. */
  readonly principals: number;
  /** What else the operator should know; null when nothing. */
  readonly note: string | null;
  /** For `review`, and for a `resume` that was not carried out yet. */
  readonly pending?: Pending;
}

const notResumed =
  "Nothing was resumed: look at what is pending. Then repeat it with carryOutPending true to carry out all of it, or false to leave what " +
  "ended more than an hour ago until it is released.";

const stoppedAnew =
  "Somebody ordered a stop while this resume was under way: it stays. What this resume approved is carried out once that stop is lifted.";

/**
 * Carries out an operator's order. Who gave it, when and why is recorded and raised first: nothing is done that nobody can see. Every operation may be repeated.
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
  // The reason is for the record only: it may hold names.
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
        ...(notices === 0 ? [] : [`Outcomes that are told to the webhook again: ${notices}.`]),
        ...(unreadable === 0
          ? []
          : [`Left as they are, since another version parked them: ${unreadable}. That version can redrive them.`]),
      ];
      return { principals, note: notes.length === 0 ? null : notes.join(" ") };
    }
  }
}
