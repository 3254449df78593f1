import type { HistoryEvent } from "../../../local/tenant/history-events.ts";
import { userAdministrator } from "./roles.ts";
import { eventually, type World } from "./world.ts";

/** A role-assignable group with a role for good and so many members, made in the tenant. */
export async function createRoleGroup({ control }: World, count: number) {
  const { id: groupId } = await control.createGroup({ name: "Operators", isAssignableToRole: true });
  const users: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const { id } = await control.createUser({ name: "Omar" });
    await control.addMember(groupId, id);
    users.push(id);
  }
  await control.assign({ principalId: groupId, roleDefinitionId: userAdministrator });
  return { groupId, users };
}

/** The subscriptions to a group's members, of whichever app. */
export const subscriptionsTo = async ({ control }: World, groupId: string) =>
  (await control.subscriptions()).filter(({ resource }) => resource === `groups/${groupId}/members`);

/** Resolves to the one subscription to a group's members, once it is there, is as `wanted`, and the app knows so many members. */
export const subscribed = (
  world: World,
  { groupId, users }: { readonly groupId: string; readonly users: readonly string[] },
  wanted: (subscription: Awaited<ReturnType<typeof subscriptionsTo>>[number]) => boolean = () => true,
) =>
  eventually(async () => {
    const { members } = await world.stored(groupId);
    if (members.size < users.length) throw new Error(`${members.size} of ${users.length} members are known.`);
    const [subscription, ...more] = await subscriptionsTo(world, groupId);
    if (subscription === undefined || more.length > 0 || !wanted(subscription))
      throw new Error("Not subscribed as wanted.");
    return subscription;
  });

/** The answers with which the app took change notifications, after the event with this number. */
export const deliveriesOf = (history: readonly HistoryEvent[], after = 0) =>
  history.filter((event) => event.seq > after && event.event === "notificationDelivered" && event.kind === "change");

export const lastOf = async ({ control }: World): Promise<number> => (await control.history()).at(-1)?.seq ?? 0;
