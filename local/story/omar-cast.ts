import type { RunningTenant } from "../stack/start-stack.ts";

/** Helpdesk Administrator, by its role template id (Entra docs: built-in roles). */
export const helpdeskAdministrator = "729827e3-9c14-49f7-bb1b-9608f156bbb8";

export interface OmarCast {
  readonly groupId: string;
  readonly omarId: string;
  readonly priyaId: string;
}

/** A role-assignable group that has Helpdesk Administrator for good; Omar and Priya are in it, with no end in sight. */
export async function castHelpdesk({ control }: RunningTenant): Promise<OmarCast> {
  const { id: groupId } = await control.createGroup({ name: "Helpdesk", isAssignableToRole: true });
  const join = async (name: string) => {
    const { id } = await control.createUser({ name });
    await control.addMember(groupId, id);
    return id;
  };
  const cast = { groupId, omarId: await join("Omar"), priyaId: await join("Priya") };
  await control.assign({ principalId: groupId, roleDefinitionId: helpdeskAdministrator });
  return cast;
}
