export interface RoleDefinition {
  readonly id: string;
  readonly displayName: string;
  readonly description: string;
  readonly isBuiltIn: boolean;
  readonly isEnabled: boolean;
  readonly templateId: string;
}

/** Template ids of real built-in roles (Entra docs: Microsoft Entra built-in roles). */
export const builtInRoles = {
  globalAdministrator: "62e90394-69f5-4237-9190-012177145e10",
  privilegedRoleAdministrator: "e8611ab8-c189-46e8-94e1-60213ab1f814",
  userAdministrator: "fe930be7-5e62-47db-91af-98c3a49a38b1",
  helpdeskAdministrator: "729827e3-9c14-49f7-bb1b-9608f156bbb8",
  exchangeAdministrator: "29232cdf-9323-42fd-ade2-1d097af3e4de",
} as const;

const names: Record<string, string> = {
  [builtInRoles.globalAdministrator]: "Global Administrator",
  [builtInRoles.privilegedRoleAdministrator]: "Privileged Role Administrator",
  [builtInRoles.userAdministrator]: "User Administrator",
  [builtInRoles.helpdeskAdministrator]: "Helpdesk Administrator",
  [builtInRoles.exchangeAdministrator]: "Exchange Administrator",
};

/** The role definitions that a new tenant starts with. */
export function builtInRoleDefinitions(): Map<string, RoleDefinition> {
  return new Map(Object.entries(names).map(([id, name]) => [id, roleDefinition(id, name, true)]));
}

/** A role definition; in built-in ones the template id is the id. */
export function roleDefinition(id: string, displayName: string, isBuiltIn: boolean): RoleDefinition {
  return { id, displayName, description: displayName, isBuiltIn, isEnabled: true, templateId: id };
}
