import type { RunningTenant } from "../stack/start-stack.ts";

/** Exchange Administrator, by its role template id (Entra docs: built-in roles). */
export const exchangeAdministrator = "29232cdf-9323-42fd-ade2-1d097af3e4de";

export const resources = ["trusts-wids", "looks-up-live", "caches-lookup", "trusts-groups"] as const;
export type Resource = (typeof resources)[number];

export interface Cast {
  readonly janeId: string;
  /** The group that one resource reads from the token. It goes together with the role. */
  readonly groupId: string;
  readonly scheduleId: string;
  readonly endDateTime: string;
}

/** Where Jane reads her mail. */
export const janesAddress = "jane@simulated.example";

/** Jane from the helpdesk activates Exchange Administrator for `seconds`, and joins the group that goes with her shift. */
export async function castJane({ control }: RunningTenant, seconds: number): Promise<Cast> {
  const { id: janeId } = await control.createUser({ name: "Jane", mail: janesAddress });
  const { id: groupId } = await control.createGroup({ name: "Helpdesk on call" });
  await control.addMember(groupId, janeId);
  await control.makeEligible({ principalId: janeId, roleDefinitionId: exchangeAdministrator });
  const activation = { principalId: janeId, roleDefinitionId: exchangeAdministrator, durationSeconds: seconds };
  const { scheduleId, endDateTime } = await control.activate(activation);
  if (endDateTime === null) throw new Error("The tenant gave the activation no end.");
  return { janeId, groupId, scheduleId, endDateTime };
}
