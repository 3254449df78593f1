import { expect, it } from "vitest";
import { GraphRetryableError } from "../../../shared/graph/errors.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { start } from "../../fixtures/fake-world.ts";
import { admins, createGroupWorld, groupRole, member, others } from "../../fixtures/group-world.ts";

const three = [member(1), member(2), member(3)];
const permanent = groupRole({ startDateTime: null, endDateTime: null });

/** A group that holds a role for ever. Its second member is removed after so long, seconds: no membership is new any more after five minutes. */
async function createChangedWorld(removed = 400) {
  const world = createGroupWorld();
  world.shown.roles = [permanent];
  world.shown.members.set(admins, three);
  await world.pass();
  // Read just now, and so not due: only a notification of Graph makes us read again.
  world.from(removed - 0.1, () => void world.pass());
  world.from(removed, () => world.shown.members.set(admins, [member(1), member(3)]));
  await world.deliver(removed - 1);
  world.goTo(start + (removed + 0.5) * 1000);
  return world;
}

function notify(
  { dependencies }: Awaited<ReturnType<typeof createChangedWorld>>,
  confirms = admins,
  signals = dependencies.signals,
) {
  const signal = { principalId: admins, because: "notification", tries: 0, confirms } as const;
  return reconcile(signal, { ...dependencies, signals });
}

it("the members are read at once, and a member who left loses the group's role with the first answer", async () => {
  const world = await createChangedWorld();
  await notify(world);
  await world.deliver(403);
  expect(world.revoked).toMatchObject([{ userId: member(2) }]);
  expect(world.recordedOf("ended")).toMatchObject([{ principalId: member(2), foundBy: "notification" }]);
});

it("of another group it confirms nothing: the second absence is waited for", async () => {
  const world = await createChangedWorld();
  await notify(world, others);
  await world.deliver(403);
  expect(world.revoked).toEqual([]);
});

it("of a membership that is new it proves no end: the second absence is waited for", async () => {
  const world = await createChangedWorld(30);
  await notify(world);
  await world.deliver(90);
  expect(world.revoked).toEqual([]);
  await world.deliver(95);
  expect(world.revoked).toMatchObject([{ userId: member(2) }]);
});

it("no remaining member is cut, however often the hint comes", async () => {
  const world = await createChangedWorld();
  world.shown.members.set(admins, three);
  for (let times = 0; times < 3; times += 1) await notify(world);
  await world.deliver(460);
  expect(world.revoked).toEqual([]);
});

it("while the members cannot be read, the hint waits with the read", async () => {
  const world = await createChangedWorld();
  world.shown.membersError = new GraphRetryableError("Throttled.", {
    code: "TooManyRequests",
    status: 429,
    reason: "throttled",
    retryAfter: 20_000,
  });
  await notify(world);
  world.from(410, () => {
    world.shown.membersError = undefined;
  });
  await world.deliver(424);
  expect(world.revoked).toMatchObject([{ userId: member(2) }]);
});

it("a pass for the member is enqueued as well, by a message that proves nothing", async () => {
  const world = await createChangedWorld();
  const sent: unknown[] = [];
  const { signals } = world.dependencies;
  await notify(world, admins, {
    ...signals,
    send: async (message, delay) => {
      sent.push(message);
      await signals.send(message, delay);
    },
  });
  expect(sent).toContainEqual({
    v: 2,
    kind: "principal",
    principalId: member(2),
    because: "group",
    tries: 0,
  });
});
