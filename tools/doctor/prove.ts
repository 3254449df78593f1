import type { Clock } from "../../shared/base/clock.ts";
import { type GraphError, isGraphError } from "../../shared/graph/errors.ts";
import type { Graph } from "../../shared/graph/graph.ts";
import { unitCure } from "./checks/restricted.ts";
import type { Finding } from "./finding.ts";

/** Milliseconds: the longest wait for the read-back ("a small delay of a few minutes", Graph docs: user: revokeSignInSessions), and the time between two reads. */
const patience = 5 * 60_000;
const readEvery = 1000;

export interface Proof {
  readonly graph: Pick<Graph, "readPrincipal" | "revokeSignInSessions">;
  readonly clock: Clock;
  /** Object id of a test user: every session of theirs ends. */
  readonly userId: string;
  /** The command that grants the permission to revoke. */
  readonly grant: string;
}

/**
 * Revokes a test user's sessions once and reads the result back. It proves that the identity may revoke, also for a holder of a role if the user
 * holds one, and how long the revoke takes to show. The only check that writes; never retried, since a second revoke would end a new session.
 */
export async function prove({ graph, clock, userId, grant }: Proof): Promise<readonly Finding[]> {
  let isRestricted = false;
  try {
    const { value } = await graph.readPrincipal(userId);
    isRestricted = value.user?.restricted ?? false;
    if (value.user === null)
      return [cannot(`${userId} is no user of this tenant.`, "Name the object id of a test user")];
    if (value.user.external) {
      return [
        cannot(
          `${userId} is a guest or external member: a revoke has no effect on them.`,
          "Name a member of this tenant",
        ),
      ];
    }
    const { date } = await graph.revokeSignInSessions(userId);
    const sentAt = clock.monotonic();
    const roles = value.instances.length + value.directory.length;
    const holder =
      roles === 0 ? "a user without a role: give them one to prove more" : "a user who holds a directory role";
    const accepted: Finding = { check: "prove", state: "good", what: `Graph accepted the revoke of ${holder}.` };
    return [accepted, await readBack({ graph, clock, userId }, date, sentAt)];
  } catch (error) {
    if (!isGraphError(error)) throw error;
    return [isRestricted && error.status === 403 ? refusedThere(error) : refused(error, grant)];
  }
}

async function readBack(
  { graph, clock, userId }: Omit<Proof, "grant">,
  acceptedAt: number,
  sentAt: number,
): Promise<Finding> {
  while (clock.monotonic() - sentAt < patience) {
    const { value } = await graph.readPrincipal(userId);
    const waited = clock.monotonic() - sentAt;
    if ((value.user?.sessionsValidFrom ?? 0) >= acceptedAt - 1000) {
      return { check: "prove", state: "good", what: `The read-back showed it after ${(waited / 1000).toFixed(1)} s.` };
    }
    await clock.sleep(readEvery);
  }
  return {
    check: "prove",
    state: "bad",
    what: "Five minutes after Graph accepted the revoke the read-back does not show it.",
    why: "The app would record such a revoke as not verified.",
    fix: `az rest --url 'https://graph.microsoft.com/v1.0/users/${userId}?$select=signInSessionsValidFromDateTime'   # in an hour`,
  };
}

const cannot = (what: string, fix: string): Finding => ({
  check: "prove",
  state: "bad",
  what,
  why: "Nothing was revoked, and nothing is proven.",
  fix,
});

/** When this is the cause, a missing permission would not matter. */
const refusedThere = ({ code }: GraphError): Finding => ({
  check: "prove",
  state: "bad",
  what: `Graph did not accept it: ${code}, status 403.`,
  why: "The user is in a restricted management administrative unit, where Graph's application permissions do not count.",
  fix: unitCure,
});

function refused(error: GraphError, grant: string): Finding {
  const { code, status } = error;
  return {
    check: "prove",
    state: "bad",
    what: `Graph did not accept it: ${code}, status ${status ?? "none"}.`,
    why:
      status === 403
        ? "Either User.RevokeSessions.All is missing, or it is not enough for a holder of this role: documents say nothing on that."
        : error.message,
    fix: status === 403 ? grant : "Look at the user's sessions before you try again: the call may have been applied",
  };
}
