import { expect, test } from "vitest";
import { toMessage, trusted } from "../../shared/reconcile/messages.ts";
import { reconcile } from "../../shared/reconcile/reconcile.ts";
import { signalOf } from "../fixtures/deliver.ts";
import { start } from "../fixtures/fake-world.ts";
import { admins, createGroupWorld, groupRole, member } from "../fixtures/group-world.ts";

test.each([
  { writer: "a writer to the queue", isOurs: false, cut: [] },
  { writer: "the app itself, after an authentic notification,", isOurs: true, cut: [{ userId: member(2) }] },
])(
  "a message of $writer about a member who is missing for a moment: $cut.length cut at the first answer",
  async ({ isOurs, cut }) => {
    const world = createGroupWorld();
    world.shown.roles = [groupRole({ startDateTime: null, endDateTime: null })];
    world.shown.members.set(admins, [member(1), member(2), member(3)]);
    await world.pass();
    world.from(399.9, () => void world.pass());
    world.from(400, () => world.shown.members.set(admins, [member(1), member(3)]));
    await world.deliver(399);
    world.goTo(start + 400_500);
    const message = toMessage({ principalId: admins, because: "notification", tries: 0, confirms: admins });
    await reconcile(trusted(signalOf(message), isOurs), world.dependencies);
    await world.deliver(403);
    expect(world.revoked).toMatchObject(cut);
    expect(world.revoked).toHaveLength(cut.length);
  },
);
