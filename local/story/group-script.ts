import type { HistoryEvent } from "../tenant/history-events.ts";
import { exchangeAdministrator } from "./cast.ts";
import { caeClient, plusCae } from "./clients.ts";
import { castNightShift, type GroupCast } from "./group-cast.ts";
import {
  collectGroupFacts,
  type GroupFacts,
  groupDifferences,
  groupPromises,
  type MemberFacts,
} from "./group-facts.ts";
import { isRevokeOf } from "./history.ts";
import { type Line, timeOf } from "./print.ts";
import type { Block, Script } from "./script.ts";

/** From the curtain on, seconds: a little after Jane's chapter is over. */
const roleSeconds = 28;

/** How long after the last revoke the clients go on working, milliseconds: CAE takes a moment. */
const epilogue = 1000;

/** How long after its start the chapter may take at most, milliseconds. */
const patience = 25_000;

/** The role of a group ends, and every member loses it. */
export const groupScript: Script<GroupCast, GroupFacts> = {
  name: "group",
  title: "A group's role ends",
  cast: (tenant) => castNightShift(tenant, roleSeconds),
  steps: ({ members, groupId, endDateTime }) => [
    {
      do: "say",
      isTimed: true,
      line: { text: `Night shift, a group of four, holds Exchange Administrator until ${timeOf(endDateTime)}` },
    },
    {
      do: "list",
      lines: () =>
        members.flatMap(({ name, fate }) =>
          fate === "loses the role" ? [] : [{ text: `${name} ${fate}`, style: "dim" }],
        ),
    },
    {
      do: "signIn",
      who: members.flatMap(({ id, fate }) => {
        const holder = { userId: id, roleDefinitionId: exchangeAdministrator, groupId };
        return fate === "is a guest" ? [] : [{ holder, ...caeClient }];
      }),
    },
    { do: "say", line: { text: `The others sign in with ${caeClient.name}` } },
    {
      do: "await",
      events: members.flatMap(({ id, fate }) =>
        fate === "loses the role" ? [(event: HistoryEvent) => isRevokeOf(event, id)] : [],
      ),
      within: patience,
      missing: "not everybody was cut",
    },
    { do: "pause", milliseconds: epilogue },
  ],
  turn,
  facts: collectGroupFacts,
  milliseconds: groupDifferences,
  end: (facts) => [summary(facts)],
  promises: groupPromises,
};

function summary(facts: GroupFacts): Block {
  const last = groupDifferences(facts).removalToRevokesAccepted.at(-1);
  return {
    title: "What the end of the group's role meant",
    rows: [["member", "", "sessions"], ...facts.members.map((member) => [member.name, member.fate, fateOf(member)])],
    lines:
      last === undefined
        ? []
        : [{ text: `From the removal to the last accepted revoke: ${last} ms, ${plusCae}`, style: "bold" }],
  };
}

function fateOf({ fate, revokesAccepted: [revoke] }: MemberFacts): string {
  if (revoke === undefined) return "not touched";
  const at = timeOf(revoke);
  return fate === "is a guest" ? `asked for at ${at}; the home tenant decides` : `revoke accepted at ${at}`;
}

function turn(event: HistoryEvent, { scheduleId, endDateTime, members }: GroupCast): Line | null {
  const nameOf = (userId: string | null) => members.find(({ id }) => id === userId)?.name;
  switch (event.event) {
    case "roleEnded":
      return event.scheduleId === scheduleId ? { text: "The group's role has ended", style: "bold" } : null;
    case "roleRemoved":
      return event.scheduleId === scheduleId && event.shown === "last"
        ? { text: `PIM has removed it from the ${event.store}` }
        : null;
    case "revokeAccepted": {
      const name = nameOf(event.userId);
      return name === undefined ? null : { text: `Graph accepts revokeSignInSessions for ${name}`, style: "green" };
    }
    case "refreshRefused": {
      const name = nameOf(event.userId);
      return name === undefined ? null : { text: `${name}'s Outlook cannot refresh (${event.error})`, style: "green" };
    }
    case "resourceCalled": {
      const name = nameOf(event.userId);
      const isShown = event.resource === "trusts-wids" && event.reason === "claimsChallenge" && event.at >= endDateTime;
      return name === undefined || !isShown
        ? null
        : { text: `${name}'s Outlook gets 401 with a claims challenge from the resource that trusts wids` };
    }
    default:
      return null;
  }
}
