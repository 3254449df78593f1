import type { RunningTenant } from "../stack/start-stack.ts";
import { exchangeAdministrator } from "./cast.ts";

export interface Member {
  readonly name: string;
  readonly id: string;
  /** What the end of the group's role means for them. */
  readonly fate: "loses the role" | "holds the role another way" | "is a guest";
}

export interface GroupCast {
  readonly groupId: string;
  readonly scheduleId: string;
  readonly endDateTime: string;
  readonly members: readonly Member[];
}

/** The night shift: a role-assignable group that has Exchange Administrator for `seconds`. Carla has the role by herself as well. */
export async function castNightShift({ control }: RunningTenant, seconds: number): Promise<GroupCast> {
  const { id: groupId } = await control.createGroup({ name: "Night shift", isAssignableToRole: true });
  const join = async (name: string, fate: Member["fate"]): Promise<Member> => {
    const { id } = await control.createUser({ name, kind: fate === "is a guest" ? "guest" : "member" });
    await control.addMember(groupId, id);
    return { name, id, fate };
  };
  const members = [
    await join("Ana", "loses the role"),
    await join("Ben", "loses the role"),
    await join("Carla", "holds the role another way"),
    await join("Dan", "is a guest"),
  ];
  const own = members.filter(({ fate }) => fate === "holds the role another way");
  for (const { id } of own) await control.assign({ principalId: id, roleDefinitionId: exchangeAdministrator });
  const role = { principalId: groupId, roleDefinitionId: exchangeAdministrator, durationSeconds: seconds };
  const { scheduleId, endDateTime } = await control.assign(role);
  if (endDateTime === null) throw new Error("The tenant gave the group's role no end.");
  return { groupId, scheduleId, endDateTime, members };
}
