import type { RunningTenant } from "../stack/start-stack.ts";
import type { HistoryEvent } from "../tenant/history-events.ts";
import type { Chapter } from "./chapter.ts";
import { signIn } from "./client-session.ts";
import { isRevokeOf } from "./history.ts";
import { castHelpdesk, helpdeskAdministrator, type OmarCast } from "./omar-cast.ts";
import { collectOmarFacts, isRemoval, isSubscription, omarDifferences, omarPromises } from "./omar-facts.ts";
import { narrate, type Turn, workUntil } from "./play.ts";
import { say } from "./print.ts";

/** How long the portal works before and after, milliseconds: CAE takes a moment. */
const prologue = 600;
const epilogue = 1000;

/** How long the app may take to subscribe, and after the removal to cut, milliseconds. */
const patience = 15_000;

/** A membership that was first seen less than five minutes ago needs a second absence, whoever tells of its end. */
const tooYoung = 6 * 60_000;

/** Somebody leaves a group early: nothing foretells it, and Graph tells. */
export const omarChapter: Chapter = {
  name: "omar",
  title: "An administrator removes Omar from a group",
  async prepare({ tenant }) {
    const cast = await castHelpdesk(tenant);
    return async () => {
      await play(tenant, cast);
      const facts = collectOmarFacts(await tenant.control.history(), cast);
      const milliseconds = omarDifferences(facts);
      const { notificationToRevokeAccepted: delay } = milliseconds;
      if (delay !== null) say(null, `From the notification to the accepted revoke: ${delay} ms`, "bold");
      return { facts: { ...facts, milliseconds }, promises: omarPromises(facts) };
    };
  },
};

async function play(tenant: RunningTenant, cast: OmarCast): Promise<void> {
  const { control } = tenant;
  const { groupId, omarId } = cast;
  const now = async () => (await control.clock()).now;
  say(await now(), "Omar and Priya hold Helpdesk Administrator through a group, with no end in sight");
  const stop = narrate(tenant, (event) => turn(event, cast));
  let isOver = false;
  try {
    // Long ago, as a rule: the scene was set while the chapters before this one were told.
    const { at } = await control.waitFor((event) => isSubscription(event, groupId), { timeoutMs: patience });
    say(null, `the app has subscribed to the members of the group, at ${at.slice(11, 23)}`, "dim");
    await control.setClock({ jumpMs: tooYoung });
    say(null, "six minutes pass at once: the membership is no longer new", "dim");
    const holder = { userId: omarId, roleDefinitionId: helpdeskAdministrator, groupId };
    const portal = await signIn(tenant, holder, "portal", true);
    say(await now(), "Omar signs in with a portal that understands CAE");
    const working = workUntil([portal], () => isOver);
    await pause(prologue);
    say(
      null,
      "the delay of the notification is not documented; 10 s to 10 min are reported. Here it is two seconds",
      "dim",
    );
    await control.removeMember(groupId, omarId);
    await control.waitFor((event) => isRevokeOf(event, omarId), { timeoutMs: patience });
    await pause(epilogue);
    isOver = true;
    await working;
    await portal.refresh();
  } catch (error) {
    // The promises tell what is missing.
    say(null, `Omar was not cut: ${error instanceof Error ? error.message : String(error)}`, "red");
  } finally {
    isOver = true;
    stop();
  }
}

function turn(event: HistoryEvent, cast: OmarCast): Turn | null {
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
      return event.userId === omarId ? { text: `Omar's portal cannot refresh (${event.error})`, style: "green" } : null;
    case "resourceCalled":
      return event.userId === omarId && event.resource === "trusts-wids" && event.reason === "claimsChallenge"
        ? { text: "Omar's portal gets 401 with a claims challenge from the resource that trusts wids" }
        : null;
    default:
      return null;
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
