import type { RunningTenant } from "../stack/start-stack.ts";
import type { HistoryEvent } from "../tenant/history-events.ts";
import type { Chapter } from "./chapter.ts";
import { type ClientSession, signIn } from "./client-session.ts";
import { castNightShift, exchangeAdministrator, type GroupCast } from "./group-cast.ts";
import { collectGroupFacts, groupDifferences, groupPromises } from "./group-facts.ts";
import { isRevokeOf } from "./history.ts";
import { narrate, type Turn, workUntil } from "./play.ts";
import { say, table, title } from "./print.ts";

/** From the curtain on, seconds: a little after Jane's chapter is told. */
const roleSeconds = 28;

/** How long after the last revoke the portals go on working, milliseconds: CAE takes a moment. */
const epilogue = 1000;

/** How long after its start the chapter may take at most, milliseconds. */
const patience = 25_000;

/** The role of a group ends, and every member loses it. */
export const groupChapter: Chapter = {
  name: "group",
  title: "A group's role ends",
  async prepare({ tenant }) {
    const cast = await castNightShift(tenant, roleSeconds);
    return async () => {
      await play(tenant, cast);
      const facts = collectGroupFacts(await tenant.control.history(), cast);
      title("What the end of the group's role meant");
      table([
        ["member", "", "sessions"],
        ...facts.members.map(({ name, fate, revokesAccepted }) => [
          name,
          fate,
          fateOf(revokesAccepted[0]?.slice(11, 23), fate),
        ]),
      ]);
      const milliseconds = groupDifferences(facts);
      const last = milliseconds.removalToRevokesAccepted.at(-1);
      if (last !== undefined) say(null, `From the removal to the last accepted revoke: ${last} ms`, "bold");
      return { facts: { ...facts, milliseconds }, promises: groupPromises(facts) };
    };
  },
};

const fateOf = (revoke: string | undefined, fate: GroupCast["members"][number]["fate"]): string => {
  if (revoke === undefined) return "not touched";
  return fate === "is a guest" ? `asked for at ${revoke}; the home tenant decides` : `revoked at ${revoke}`;
};

async function play(tenant: RunningTenant, cast: GroupCast): Promise<void> {
  const { control } = tenant;
  const { now } = await control.clock();
  say(now, `Night shift, a group of four, holds Exchange Administrator until ${cast.endDateTime.slice(11, 23)}`);
  for (const { name, fate } of cast.members.filter(({ fate }) => fate !== "loses the role"))
    say(null, `${name} ${fate}`, "dim");
  const portals = new Map<string, ClientSession>();
  for (const { id, fate } of cast.members) {
    if (fate === "is a guest") continue;
    const holder = { userId: id, roleDefinitionId: exchangeAdministrator, groupId: cast.groupId };
    portals.set(id, await signIn(tenant, holder, "portal", true));
  }
  say(null, "The others sign in with a portal that understands CAE");
  const stop = narrate(tenant, (event) => turn(event, cast));

  const losing = cast.members.filter(({ fate }) => fate === "loses the role");
  let isOver = false;
  const done = Promise.all(
    losing.map(({ id }) => control.waitFor((event) => isRevokeOf(event, id), { timeoutMs: patience })),
  )
    .then(
      () => new Promise((resolve) => setTimeout(resolve, epilogue)),
      (error: unknown) =>
        say(null, `not everybody was cut: ${error instanceof Error ? error.message : String(error)}`, "red"),
    )
    .finally(() => {
      isOver = true;
    });
  await workUntil([...portals.values()], () => isOver);
  await done;
  for (const portal of portals.values()) await portal.refresh();
  stop();
}

function turn(event: HistoryEvent, { scheduleId, endDateTime, members }: GroupCast): Turn | null {
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
      return name === undefined ? null : { text: `${name}'s portal cannot refresh (${event.error})`, style: "green" };
    }
    case "resourceCalled": {
      const name = nameOf(event.userId);
      const isTold = event.resource === "trusts-wids" && event.reason === "claimsChallenge" && event.at >= endDateTime;
      return name === undefined || !isTold
        ? null
        : { text: `${name}'s portal gets 401 with a claims challenge from the resource that trusts wids` };
    }
    default:
      return null;
  }
}
