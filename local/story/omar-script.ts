import type { HistoryEvent } from "../tenant/history-events.ts";
import { caeClient, plusCae } from "./clients.ts";
import { isRevokeOf } from "./history.ts";
import { castHelpdesk, helpdeskAdministrator, type OmarCast } from "./omar-cast.ts";
import {
  collectOmarFacts,
  isRemoval,
  isSubscription,
  type OmarFacts,
  omarDifferences,
  omarPromises,
} from "./omar-facts.ts";
import { type Line, timeOf } from "./print.ts";
import type { Block, Script } from "./script.ts";

/** How long the client works before and after, milliseconds: CAE takes a moment. */
const prologue = 600;
const epilogue = 1000;

/** How long the app may take to subscribe, and after the removal to cut, milliseconds. */
const patience = 15_000;

/** A membership that was first seen less than five minutes ago needs a second absence, whoever reports its end. */
const tooYoung = 6 * 60_000;

/** Somebody leaves a group early: nothing announces it, and Graph reports it. */
export const omarScript: Script<OmarCast, OmarFacts> = {
  name: "omar",
  title: "An administrator removes Omar from a group",
  cast: castHelpdesk,
  steps: ({ groupId, omarId }) => [
    {
      do: "say",
      isTimed: true,
      line: { text: "Omar and Priya hold Helpdesk Administrator through a group, with no end in sight" },
    },
    {
      // Long ago, as a rule: the scene was set while the chapters before this one were played.
      do: "await",
      events: [(event) => isSubscription(event, groupId)],
      within: patience,
      missing: "the app has not subscribed to the group's members",
      found: (events) =>
        events.map(({ at }) => ({
          text: `the app has subscribed to the members of the group, at ${timeOf(at)}`,
          style: "dim",
        })),
    },
    { do: "act", act: (control) => control.setClock({ jumpMs: tooYoung }) },
    { do: "say", line: { text: "six minutes pass at once: the membership is no longer new", style: "dim" } },
    {
      do: "signIn",
      who: [{ holder: { userId: omarId, roleDefinitionId: helpdeskAdministrator, groupId }, ...caeClient }],
    },
    { do: "say", isTimed: true, line: { text: `Omar signs in with ${caeClient.name}` } },
    { do: "pause", milliseconds: prologue },
    {
      do: "say",
      line: {
        text: "the delay of the notification is not documented; 10 s to 10 min are reported. Here it is two seconds",
        style: "dim",
      },
    },
    { do: "act", act: (control) => control.removeMember(groupId, omarId) },
    { do: "await", events: [(event) => isRevokeOf(event, omarId)], within: patience, missing: "Omar was not cut" },
    { do: "pause", milliseconds: epilogue },
  ],
  turn,
  facts: collectOmarFacts,
  milliseconds: omarDifferences,
  end: (facts) => [summary(facts)],
  promises: omarPromises,
};

function summary(facts: OmarFacts): Block {
  const { notificationToRevokeAccepted: delay } = omarDifferences(facts);
  const text = `From the notification to the accepted revoke: ${delay} ms, ${plusCae}`;
  return { title: null, rows: [], lines: delay === null ? [] : [{ text, style: "bold" }] };
}

function turn(event: HistoryEvent, cast: OmarCast): Line | null {
  const { omarId } = cast;
  if (isRemoval(event, cast)) {
    return event.shown === "last" ? { text: "An administrator has removed Omar from the group", style: "bold" } : null;
  }
  switch (event.event) {
    case "notificationDelivered":
      return { text: `The app takes Graph's notification (${event.status} after ${event.tookMs} ms)` };
    case "revokeAccepted":
      return event.userId === omarId ? { text: "Graph accepts revokeSignInSessions for Omar", style: "green" } : null;
    case "refreshRefused":
      return event.userId === omarId
        ? { text: `Omar's Outlook cannot refresh (${event.error})`, style: "green" }
        : null;
    case "resourceCalled":
      return event.userId === omarId && event.resource === "trusts-wids" && event.reason === "claimsChallenge"
        ? { text: "Omar's Outlook gets 401 with a claims challenge from the resource that trusts wids" }
        : null;
    default:
      return null;
  }
}
