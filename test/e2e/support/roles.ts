import type { TenantClient } from "../../../local/tenant/client.ts";

/** Role template ids (Entra docs: built-in roles). */
export const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10";
export const userAdministrator = "fe930be7-5e62-47db-91af-98c3a49a38b1";
export const helpdeskAdministrator = "729827e3-9c14-49f7-bb1b-9608f156bbb8";

/** Time enough for a resync to see a role before it ends, though thirty hosts start on this machine; seconds. */
export const short = 20;

export interface Activation {
  readonly userId: string;
  readonly scheduleId: string;
  /** The tenant's time of the end, epoch milliseconds. */
  readonly end: number;
}

export interface WantedActivation {
  /** Default: a new user. */
  readonly userId?: string;
  /** Default: `short`. */
  readonly seconds?: number;
  readonly roleDefinitionId?: string;
  readonly directoryScopeId?: string;
  readonly removal?: { readonly delayMs?: number; readonly listAfterMs?: number; readonly directoryAfterMs?: number };
  /** What the user writes into PIM's form. */
  readonly form?: { readonly justification: string; readonly ticketNumber: string };
}

/** A user who is eligible for a role activates it. */
export async function activate(
  control: TenantClient,
  {
    userId,
    seconds = short,
    roleDefinitionId = userAdministrator,
    directoryScopeId = "/",
    removal = {},
    form,
  }: WantedActivation = {},
): Promise<Activation> {
  const principalId = userId ?? (await control.createUser({ name: "Somebody" })).id;
  const privilege = { principalId, roleDefinitionId, directoryScopeId };
  await control.makeEligible(privilege);
  const { scheduleId, endDateTime } = await control.activate({ ...privilege, durationSeconds: seconds, removal, form });
  if (endDateTime === null) throw new Error("The tenant gave the activation no end.");
  return { userId: principalId, scheduleId, end: Date.parse(endDateTime) };
}
