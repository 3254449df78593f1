import { QueueServiceClient } from "@azure/storage-queue";
import { expect, it } from "vitest";
import { toMessage } from "../../shared/reconcile/messages.ts";
import { signalsQueue } from "../../shared/storage/queue.ts";
import { endRow } from "./support/end-row.ts";
import { goneAt, isPassOf, revokesOf } from "./support/history.ts";
import { userAdministrator } from "./support/roles.ts";
import { openWorld, type World } from "./support/world.ts";

const day = 86_400_000;
/** As far as one message can be put off: a little less than the seven days that Azure allows. */
const hop = 6 * day;

/** Storage's clock cannot be turned: the message that a hop has put off is delivered here, as it would be when its time has come. */
async function deliverHop({ connectionString, control, seen }: World, principalId: string): Promise<void> {
  const after = (await control.history()).at(-1)?.seq ?? 0;
  const message = JSON.stringify(toMessage({ principalId, because: "timer", tries: 0 }));
  const queue = QueueServiceClient.fromConnectionString(connectionString).getQueueClient(signalsQueue);
  await queue.sendMessage(Buffer.from(message).toString("base64"));
  await seen((event) => isPassOf(event, principalId), after);
}

it(endRow("An active assignment of many weeks expires", "cut"), async () => {
  await using world = await openWorld("hops");
  const { control } = world;
  await control.changeSettings({ appTokenSeconds: (60 * day) / 1000 });
  await world.startHost();
  const { id: principalId } = await control.createUser({ name: "Member" });
  const role = { principalId, roleDefinitionId: userAdministrator, durationSeconds: (20 * day) / 1000 };
  const { scheduleId, endDateTime } = await control.assign(role);
  await world.awaitHoldings(principalId);
  // The first hop is as long as one may be, and no longer.
  const { wakeAt } = (await world.stored(principalId)).head;
  expect(Math.abs((wakeAt ?? 0) - Date.now() - hop)).toBeLessThan(60_000);

  for (let hops = 0; hops < 3; hops += 1) {
    await control.setClock({ jumpMs: hop });
    await deliverHop(world, principalId);
  }
  expect(revokesOf(await world.calmHistory(), principalId)).toEqual([]);
  const left = Date.parse(endDateTime ?? "") - Date.parse((await control.clock()).now);
  expect(left).toBeGreaterThan(day);
  await control.setClock({ jumpMs: left - 15_000 });
  await deliverHop(world, principalId);

  expect(await world.closed(principalId)).toMatchObject([{ outcome: "revoked", verified: true }]);
  const history = await world.calmHistory();
  const accepted = revokesOf(history, principalId);
  expect(accepted).toHaveLength(1);
  expect(accepted[0]).toBeGreaterThanOrEqual(goneAt(history, scheduleId));
  expect(accepted[0]).toBeLessThan(goneAt(history, scheduleId) + 1000);
});
