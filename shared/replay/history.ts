import type { PrivilegeEnd } from "../signals/classify-audit.ts";

/** What stops a person's sessions where Continuous Access Evaluation works (Entra docs: concept-continuous-access-evaluation). */
export type CutBy = "sessions revoked" | "password changed" | "account disabled" | "MFA enabled";

/** What an export tells, as far as the responder would care. Grows with the ends and stops in it, not with the export. */
export interface History {
  /** As the rows tell them: most ends twice. */
  readonly ends: readonly PrivilegeEnd[];
  /** Epoch milliseconds by user id. Bare numbers: password synchronisation alone may leave hundreds of thousands. */
  readonly cuts: ReadonlyMap<CutBy, ReadonlyMap<string, readonly number[]>>;
  /** Epoch milliseconds of completed activations by `holding`, in the order read. */
  readonly activations: ReadonlyMap<string, readonly number[]>;
  /** Rows that tell of an end, but not of exactly one principal and one privilege. */
  readonly unclear: number;
  /** `yyyy-mm-dd`, UTC; null when no record has a date. */
  readonly firstDay: string | null;
  readonly lastDay: string | null;
}

/** Key of one principal's holding of one role. */
export const holding = (principalId: string, roleDefinitionId: string): string => `${principalId} ${roleDefinitionId}`;
