import type { PrivilegeEnd } from "../../shared/audit-log/classify.ts";
import { reduceEnds } from "../../shared/audit-log/reduce-ends.ts";
import { type CutBy, firstTime, type History, holding } from "./history.ts";
import { completeEnds } from "./partial-end.ts";

export type Verdict =
  /** The person would have been signed out. */
  | "signOut"
  /** Another end in the same second: one sign-out serves both. */
  | "sameSignOut"
  /** The person is a guest, whose home tenant owns the sessions. */
  | "externalUser"
  | "servicePrincipal"
  /** A group lost a role: its members would have been signed out, but an audit log does not list them. */
  | "groupHeldRole"
  /** Only Core Directory reports the end, PIM does not: it matters only if the app watches this group. */
  | "ordinaryGroup"
  /** PIM reports an end that may be this one, but the export leaves out its group or its user. */
  | "unsureGroup";

interface Narrowing {
  /** Milliseconds from the end. */
  readonly after: number;
  readonly by: CutBy | "held again";
}

export interface JudgedEnd {
  readonly end: PrivilegeEnd;
  readonly verdict: Verdict;
  /** The event that made the token harmless before its expiry, as far as the export shows. */
  readonly narrowed: Narrowing | null;
}

/** Milliseconds. An access token lives 60 to 90 minutes, at random (Entra docs: configurable-token-lifetimes). */
export const TOKEN_LIVES = { shortest: 3_600_000, longest: 5_400_000 } as const;
/** Milliseconds from the end to the sign-out, as the replay assumes. */
const SIGN_OUT_AFTER = 1_000;

/** Joins the rows that report one end and says for each end what the app would have done. Ordered by time. */
export function judgeEnds(history: History, isExternal: (id: string) => boolean): readonly JudgedEnd[] {
  const lastSignOut = new Map<string, number>();
  const { ends, unsure } = completeEnds(reduceEnds(history.ends), history.partialEnds);
  return ends.map((end) => {
    const possible = unsure.has(end) && end.kind === "groupEnd" ? "unsureGroup" : verdictOn(end, isExternal);
    const narrowed = narrow(end, history);
    if (possible !== "signOut") return { end, verdict: possible, narrowed };
    const shared = end.at <= (lastSignOut.get(end.principalId) ?? Number.NEGATIVE_INFINITY);
    if (!shared) lastSignOut.set(end.principalId, end.at + SIGN_OUT_AFTER);
    return { end, verdict: shared ? "sameSignOut" : "signOut", narrowed };
  });
}

/** Whether a person's token could outlive the end, so that its minutes count. */
export const isOfPerson = ({ verdict }: JudgedEnd): boolean =>
  verdict === "signOut" || verdict === "sameSignOut" || verdict === "externalUser";

function verdictOn(end: PrivilegeEnd, isExternal: (id: string) => boolean): Exclude<Verdict, "sameSignOut"> {
  // PIM always gives the reason; Core Directory never does.
  if (end.kind === "groupEnd" && end.reason === "unknown") return "ordinaryGroup";
  if (end.principalType === "servicePrincipal") return "servicePrincipal";
  if (end.principalType === "group") return "groupHeldRole";
  return isExternal(end.principalId) ? "externalUser" : "signOut";
}

function narrow(end: PrivilegeEnd, { cuts, activations }: History): Narrowing | null {
  const again = end.kind === "roleEnd" ? activations.get(holding(end.principalId, end.roleDefinitionId)) : undefined;
  const stops = [
    ...[...cuts].map(([by, users]) => ({ by, times: users.get(end.principalId) })),
    { by: "held again" as const, times: again },
  ].map(({ by, times }) => ({ by, after: firstTime(times ?? [], end.at) - end.at }));
  const soonest = stops.reduce((a, b) => (a.after <= b.after ? a : b));
  return soonest.after < TOKEN_LIVES.longest ? soonest : null;
}
