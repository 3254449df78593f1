import type { HistoryEvent } from "../tenant/history-events.ts";
import { type Cast, type Resource, resources } from "./cast.ts";
import type { ClientSession } from "./client-session.ts";
import { removalOf, removedFrom, revokesOf } from "./history.ts";

/** What one client got from one resource after the role's end. All times are the tenant's, ISO. */
export interface Exposure {
  readonly client: string;
  readonly cae: boolean;
  readonly resource: Resource;
  readonly tokenExpiresAt: string;
  readonly lastSuccess: string | null;
  readonly firstRefusal: string | null;
  readonly refusedBecause: string | null;
}

/** What happened, by the tenant's own history and nothing else. */
export interface StoryFacts {
  readonly simulation: true;
  readonly responder: boolean;
  readonly endDateTime: string;
  readonly roleEnd: string | null;
  /** When the last replica of the instance list, and of the directory, stopped showing the assignment. */
  readonly removedFromList: string | null;
  readonly removedFromDirectory: string | null;
  /** The later of the two. */
  readonly removal: string | null;
  readonly revokesAccepted: readonly string[];
  readonly refreshesRefused: readonly { readonly client: string; readonly at: string }[];
  readonly clients: readonly Exposure[];
}

export function collectFacts(
  history: readonly HistoryEvent[],
  cast: Cast,
  clients: readonly ClientSession[],
  responder: boolean,
): StoryFacts {
  const roleEnd =
    history.find((event) => event.event === "roleEnded" && event.scheduleId === cast.scheduleId)?.at ?? null;
  return {
    simulation: true,
    responder,
    endDateTime: cast.endDateTime,
    roleEnd,
    removedFromList: removedFrom(history, "list", cast.scheduleId),
    removedFromDirectory: removedFrom(history, "directory", cast.scheduleId),
    removal: removalOf(history, cast.scheduleId),
    revokesAccepted: revokesOf(history, cast.janeId),
    refreshesRefused: history.flatMap((event) =>
      event.event === "refreshRefused" && event.userId === cast.janeId ? [{ client: event.client, at: event.at }] : [],
    ),
    clients: clients.flatMap((client) => resources.map((resource) => exposure(history, client, resource, cast))),
  };
}

function exposure(
  history: readonly HistoryEvent[],
  { name, cae, expiresAt }: ClientSession,
  resource: Resource,
  { endDateTime, janeId }: Cast,
): Exposure {
  const calls = history.filter((event) => event.event === "resourceCalled").filter(({ userId }) => userId === janeId);
  const own = calls.filter((event) => event.client === name && event.resource === resource);
  const refusal = own.find(({ reason, at }) => reason !== "allowed" && at >= endDateTime);
  return {
    client: name,
    cae,
    resource,
    tokenExpiresAt: expiresAt,
    lastSuccess: own.findLast(({ reason }) => reason === "allowed")?.at ?? null,
    firstRefusal: refusal?.at ?? null,
    refusedBecause: refusal?.reason ?? null,
  };
}

export const between = (from: string | null, to: string | null): number | null =>
  from === null || to === null ? null : Date.parse(to) - Date.parse(from);

/** Differences in milliseconds that the promises are about. */
export const differences = (facts: StoryFacts) => ({
  endToRemoval: between(facts.endDateTime, facts.removal),
  removalToRevokeAccepted: between(facts.removal, facts.revokesAccepted[0] ?? null),
  clients: facts.clients.map(({ client, resource, lastSuccess, firstRefusal, tokenExpiresAt }) => ({
    client,
    resource,
    endToLastSuccess: between(facts.endDateTime, lastSuccess),
    endToFirstRefusal: between(facts.endDateTime, firstRefusal),
    endToTokenExpiry: between(facts.endDateTime, tokenExpiresAt),
  })),
});
