import { setTimeout as delay } from "node:timers/promises";
import type { RunningTenant } from "../stack/start-stack.ts";
import type { HistoryEvent } from "../tenant/history-events.ts";
import { type Cast, castJane, userAdministrator } from "./cast.ts";
import { type ClientSession, signIn } from "./client-session.ts";
import { duration, say } from "./print.ts";

/** Real milliseconds between two rounds of calls. */
export const roundEvery = 200;

/** Jane's activation, as long as two resyncs and a bit: the responder must have time to learn of it. */
const activationSeconds = 18;

export interface Scene {
  readonly cast: Cast;
  readonly clients: readonly ClientSession[];
}

/** Act one, the same with and without the responder: Jane activates her role and signs in with two clients. */
export async function openScene(tenant: RunningTenant, seconds = activationSeconds): Promise<Scene> {
  const cast = await castJane(tenant, seconds);
  const now = async () => (await tenant.control.clock()).now;
  say(await now(), `Jane activates User Administrator until ${cast.endDateTime.slice(11, 23)}`);
  const jane = { userId: cast.janeId, roleDefinitionId: userAdministrator, groupId: cast.groupId };
  const portal = await signIn(tenant, jane, "portal", true);
  const desktop = await signIn(tenant, jane, "desktop tool", false);
  say(await now(), "She signs in with a portal that understands CAE and with a desktop tool that does not");
  for (const { name, expiresAt } of [portal, desktop]) {
    const left = Date.parse(expiresAt) - Date.parse(cast.endDateTime);
    say(null, `the token of the ${name} outlives the role by ${duration(left)}`, "dim");
  }
  return { cast, clients: [portal, desktop] };
}

/** Both clients work, round after round, until `isOver`. */
export async function workUntil(clients: readonly ClientSession[], isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const round = delay(roundEvery);
    await Promise.all(clients.map((client) => client.work()));
    await round;
  }
}

/** Tells the turns of the story as the tenant records them. Returns a function that stops it. */
export function narrate(tenant: RunningTenant, describe: (event: HistoryEvent) => Turn | null): () => void {
  let isOver = false;
  const told = new Set<string>();
  const follow = async () => {
    for (let after = 0; !isOver; ) {
      const events = await tenant.control.history(after, 500);
      for (const event of events) {
        const turn = describe(event);
        if (turn === null || told.has(turn.text)) continue;
        told.add(turn.text);
        say(event.at, turn.text, turn.style);
      }
      after = events.at(-1)?.seq ?? after;
    }
  };
  follow().catch((error: unknown) => {
    if (!isOver) say(null, `the tenant's history can no longer be read: ${String(error)}`, "red");
  });
  return () => {
    isOver = true;
  };
}

/** One line of the story. */
export interface Turn {
  readonly text: string;
  readonly style?: Parameters<typeof say>[2];
}

export function describe(event: HistoryEvent, { cast, clients }: Scene): Turn | null {
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
      return { text: `The ${event.client} cannot refresh (${event.error})`, style: "green" };
    case "resourceCalled": {
      const client = clients.find(({ name }) => name === event.client);
      if (
        client === undefined ||
        event.userId !== cast.janeId ||
        event.reason === "allowed" ||
        event.at < cast.endDateTime
      )
        return null;
      const why = {
        noRole: "403",
        badToken: "401",
        expired: "401, token expired",
        claimsChallenge: "401 with a claims challenge",
      };
      return { text: `The ${client.name} gets ${why[event.reason]} from the resource that ${spell(event.resource)}` };
    }
    default:
      return null;
  }
}

/** What the revoke cannot cut, to the second: the access tokens of clients without CAE. */
function remaining(at: string, clients: readonly ClientSession[]): string {
  const uncut = clients
    .filter(({ cae }) => !cae)
    .map(
      ({ name, expiresAt }) =>
        `the ${name} keeps its access token for ${duration(Date.parse(expiresAt) - Date.parse(at))}`,
    );
  return uncut.length === 0 ? "" : `; ${uncut.join(", ")}`;
}

export const spell = (resource: string): string =>
  ({
    "trusts-wids": "trusts wids",
    "looks-up-live": "looks roles up",
    "caches-lookup": "looks roles up, cached 10 min",
    "trusts-groups": "trusts groups",
  })[resource] ?? resource;
