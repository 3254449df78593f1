import type { RunningTenant } from "../stack/start-stack.ts";
import { collectFacts, type StoryFacts } from "./facts.ts";
import { isRevokeOf } from "./history.ts";
import { describe, narrate, openScene, workUntil } from "./play.ts";
import { say } from "./print.ts";

/** How long after Jane's end the clients go on working, so that what was cut is seen to stay cut; milliseconds. */
const epilogue = 4000;

/** How long after the end the responder gets, milliseconds. It needs one or two seconds; past this the story ends badly. */
const patience = 20_000;

/** Plays the story with the responder running. */
export async function playWith(tenant: RunningTenant): Promise<StoryFacts & { readonly janeId: string }> {
  const scene = await openScene(tenant);
  const { cast, clients } = scene;
  const stop = narrate(tenant, (event) => describe(event, scene));
  let revokedAt: number | null = null;
  const ended = tenant.control
    .waitFor((event) => event.event === "roleEnded" && event.scheduleId === cast.scheduleId, { timeoutMs: 60_000 })
    .then(() => tenant.control.removeMember(cast.groupId, cast.janeId))
    .then(() => tenant.control.waitFor((event) => isRevokeOf(event, cast.janeId), { timeoutMs: patience }))
    .then(
      () => {
        revokedAt = performance.now();
      },
      (error: unknown) => {
        say(null, `no revoke: ${error instanceof Error ? error.message : String(error)}`, "red");
        revokedAt = performance.now();
      },
    );
  await workUntil(clients, () => revokedAt !== null && performance.now() - revokedAt > epilogue);
  await ended;
  for (const client of clients) await client.refresh();
  stop();
  return { ...collectFacts(await tenant.control.history(), cast, clients, true), janeId: cast.janeId };
}
