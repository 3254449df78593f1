import { z } from "zod";
import type { AppRole } from "./prove-caller.ts";

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
