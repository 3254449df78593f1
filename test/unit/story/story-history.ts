import type { Cast } from "../../../local/story/cast.ts";
import type { Happening, HistoryEvent } from "../../../local/tenant/history-events.ts";

/** The tenant's time, so many seconds after the end of the role. */
export const time = (seconds: number): string => new Date(Date.UTC(2026, 2, 1, 10) + seconds * 1000).toISOString();

export const jane = "0a1b2c3d-0000-4000-8000-000000000001";
export const somebody = "0a1b2c3d-0000-4000-8000-000000000002";
const scheduleId = "61998d6f-0000-4000-8000-000000000001";
const role = { principalId: jane, roleDefinitionId: "role", directoryScopeId: "/", scheduleId };

export const cast: Cast = { janeId: jane, groupId: "group", scheduleId, endDateTime: time(0) };

/** Events as the tenant would have recorded them, at so many seconds. */
export const historyOf = (...happenings: readonly (readonly [number, Happening])[]): readonly HistoryEvent[] =>
  happenings.map(([seconds, happening], index) => ({ ...happening, seq: index + 1, at: time(seconds) }));

const removed = (store: "list" | "directory", shown: "first" | "last") =>
  ({ event: "roleRemoved", ...role, store, shown }) as const;
export const revoked = (userId: string) =>
  ({ event: "revokeAccepted", userId, appId: "app", effective: true, validFrom: time(1) }) as const;
export const called = (
  userId: string,
  client: string,
  reason: "allowed" | "claimsChallenge" | "expired",
  resource = "trusts-wids",
) => ({ event: "resourceCalled", resource, userId, client, status: reason === "allowed" ? 200 : 401, reason }) as const;
export const refused = (userId: string, client: string) =>
  ({ event: "refreshRefused", userId, client, cae: true, error: "AADSTS50173" }) as const;

/** Jane's role ends and is cut; somebody else's session is cut beside it. */
export const janesStory = historyOf(
  [-1, called(jane, "Outlook", "allowed")],
  [0, { event: "roleEnded", ...role, reason: "expired" }],
  [0.8, removed("list", "first")],
  [0.9, removed("list", "last")],
  [1, removed("directory", "last")],
  [1.1, revoked(jane)],
  [1.15, revoked(somebody)],
  [1.2, called(jane, "Outlook", "allowed")],
  [1.3, called(somebody, "Outlook", "claimsChallenge")],
  [1.4, called(jane, "desktop tool", "allowed")],
  [1.5, called(jane, "Outlook", "claimsChallenge")],
  [1.55, refused(somebody, "Outlook")],
  [1.6, refused(jane, "Outlook")],
);
