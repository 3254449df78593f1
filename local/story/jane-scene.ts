import type { HistoryEvent } from "../tenant/history-events.ts";
import { type Cast, exchangeAdministrator } from "./cast.ts";
import type { ClientSession } from "./client-session.ts";
import { caeClient, plainClient, spellResource, startSentence, the } from "./clients.ts";
import { duration, type Line, timeOf } from "./print.ts";
import type { Step } from "./script.ts";

/** Act one, the same with and without the app: Jane activates her role and signs in with two clients. */
export function openScene({ janeId, groupId, endDateTime }: Cast): readonly Step[] {
  const holder = { userId: janeId, roleDefinitionId: exchangeAdministrator, groupId };
  return [
    {
      do: "say",
      isTimed: true,
      line: { text: `Jane activates Exchange Administrator until ${timeOf(endDateTime)}` },
    },
    {
      do: "signIn",
      who: [
        { holder, ...caeClient },
        { holder, ...plainClient },
      ],
    },
    {
      do: "say",
      isTimed: true,
      line: {
        text: "She signs in with Outlook, which CAE covers (documented), and with a desktop tool that does not know CAE",
      },
    },
    {
      do: "list",
      lines: (clients) =>
        clients.map(({ name, expiresAt }) => {
          const left = Date.parse(expiresAt) - Date.parse(endDateTime);
          return { text: `the token of ${the(name)} outlives the role by ${duration(left)}`, style: "dim" };
        }),
    },
  ];
}

const refusals = {
  noRole: "403",
  badToken: "401",
  expired: "401 (token expired)",
  claimsChallenge: "401 with a claims challenge",
};

export function describe(event: HistoryEvent, cast: Cast, clients: readonly ClientSession[]): Line | null {
  switch (event.event) {
    case "roleEnded":
      return event.scheduleId === cast.scheduleId ? { text: "The role has ended", style: "bold" } : null;
    case "roleRemoved":
      return event.scheduleId === cast.scheduleId && event.shown === "last"
        ? { text: `PIM has removed it from the ${event.store}` }
        : null;
    case "revokeAccepted":
      if (event.userId !== cast.janeId) return null;
      return { text: `Graph accepts revokeSignInSessions for Jane${remaining(event.at, clients)}`, style: "green" };
    case "refreshRefused":
      if (event.userId !== cast.janeId) return null;
      return { text: `${startSentence(the(event.client))} cannot refresh (${event.error})`, style: "green" };
    case "resourceCalled": {
      const client = clients.find(({ name }) => name === event.client);
      if (client === undefined || event.userId !== cast.janeId) return null;
      if (event.reason === "allowed" || event.at < cast.endDateTime) return null;
      const who = startSentence(the(client.name));
      return { text: `${who} gets ${refusals[event.reason]} from the resource that ${spellResource(event.resource)}` };
    }
    default:
      return null;
  }
}

/** What the revoke cannot cut, to the second: the access tokens of clients without CAE. */
function remaining(at: string, clients: readonly ClientSession[]): string {
  const uncut = clients
    .filter(({ cae }) => !cae)
    .map(({ name, expiresAt }) => {
      return `${the(name)} keeps its access token for ${duration(Date.parse(expiresAt) - Date.parse(at))}`;
    });
  return uncut.length === 0 ? "" : `; ${uncut.join(", ")}`;
}
