import type { RunningTenant } from "../stack/start-stack.ts";
import { collectFacts, type StoryFacts } from "./facts.ts";
import { describe, narrate, openScene, roundEvery, workUntil } from "./play.ts";
import { duration, say } from "./print.ts";

/** How many times faster than real time the tenant's clock runs after the role's end: until the desktop tool's token expires, and then. */
const scales = { untilDesktop: 300, untilPortal: 6000 };

/** The longest tenant time between two rounds, with room for a slow machine; milliseconds. */
export const longestStep = scales.untilPortal * roundEvery * 3;

/** Plays the story without the responder and lives the exposure through, on a sped-up clock. */
export async function playWithout(tenant: RunningTenant): Promise<StoryFacts> {
  const scene = await openScene(tenant, 6);
  const { cast, clients } = scene;
  const stop = narrate(tenant, (event) => describe(event, scene));
  const work = async (isOver: (now: number) => boolean) => {
    let now = 0;
    let asking = false;
    await workUntil(clients, () => {
      if (!asking) {
        asking = true;
        void tenant.control.clock().then((clock) => {
          now = Date.parse(clock.now);
          asking = false;
        });
      }
      return isOver(now);
    });
  };
  const removal = Date.parse(cast.endDateTime) + 2000;
  await work((now) => now > removal);
  await tenant.control.removeMember(cast.groupId, cast.janeId);

  const [portal, desktop] = clients.map(({ expiresAt }) => Date.parse(expiresAt));
  if (portal === undefined || desktop === undefined) throw new Error("The story needs its two clients.");
  for (const [scale, until] of [
    [scales.untilDesktop, desktop],
    [scales.untilPortal, portal],
  ] as const) {
    await tenant.control.setClock({ scale });
    say(
      null,
      `the tenant's clock now runs ${scale} times as fast, for ${duration(until - removal)} from the end`,
      "magenta",
    );
    const step = scale * roundEvery * 3;
    await work((now) => now > until + step);
  }
  await tenant.control.setClock({ scale: 1 });
  stop();
  return collectFacts(await tenant.control.history(), cast, clients, false);
}
