import { auditAccount } from "../audit/user-rows.ts";
import { epochSeconds } from "../iso-time.ts";
import { publishChange } from "../notifications/publish.ts";
import { Refusal } from "../refusal.ts";
import type { Tenant } from "../tenant.ts";

export interface User {
  readonly id: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly mail: string | null;
  readonly otherMails: readonly string[];
  /** Whoever the user reports to; null for nobody. */
  readonly managerId: string | null;
  /** Says nothing about how they sign in (Entra docs: user-properties). */
  readonly userType: "Member" | "Guest";
  /** An accepted guest has a federated one beside that of this tenant: their home tenant owns their sessions. */
  readonly identities: readonly Identity[];
  readonly creationType: "Invitation" | null;
  readonly externalUserState: "Accepted" | null;
  readonly accountEnabled: boolean;
  /** An agentUser, which derives from user (Graph docs: agentUser). */
  readonly isAgent: boolean;
  /** In a restricted management administrative unit: application permissions do not count (Entra docs: admin-units-restricted-management). */
  readonly isManagementRestricted: boolean;
  /** Whole seconds since the epoch. */
  readonly validFrom: number;
}

/** Graph docs: objectIdentity. */
interface Identity {
  readonly signInType: "userPrincipalName" | "federated";
  readonly issuer: string;
  readonly issuerAssignedId: string | null;
}

/** What the services that use Continuous Access Evaluation learn of a user. */
export interface SessionCut {
  /** Tokens issued before this second are rejected. */
  readonly validFrom: number;
  /** Deleted or disabled: every token is rejected. */
  readonly blocked: boolean;
}

export type UserKind = "member" | "guest" | "externalMember" | "agentUser";

interface WantedUser {
  readonly id?: string | undefined;
  readonly name: string;
  readonly kind: UserKind;
  readonly mail?: string | undefined;
  readonly otherMails?: readonly string[] | undefined;
  readonly managerId?: string | undefined;
}

export function createUser(tenant: Tenant, wanted: WantedUser): User {
  const id = wanted.id ?? tenant.random.guid();
  if (tenant.users.primary.has(id)) throw new Refusal(409, "ObjectExists", `there already is a user ${id}`);
  const external = wanted.kind === "guest" || wanted.kind === "externalMember";
  const userPrincipalName = `${wanted.name}${external ? "_partner.example#EXT#" : ""}@simulated.example`;
  const own: Identity = {
    signInType: "userPrincipalName",
    issuer: "simulated.example",
    issuerAssignedId: userPrincipalName,
  };
  const user: User = {
    id,
    userPrincipalName,
    identities: external
      ? [{ signInType: "federated", issuer: "ExternalAzureAD", issuerAssignedId: null }, own]
      : [own],
    displayName: wanted.name,
    mail: wanted.mail ?? null,
    otherMails: wanted.otherMails ?? [],
    managerId: wanted.managerId ?? null,
    userType: wanted.kind === "guest" ? "Guest" : "Member",
    creationType: external ? "Invitation" : null,
    externalUserState: external ? "Accepted" : null,
    accountEnabled: true,
    isAgent: wanted.kind === "agentUser",
    isManagementRestricted: false,
    validFrom: epochSeconds(tenant.clock.now()),
  };
  storeUser(tenant, user, "created");
  return user;
}

/** The user as the primary knows them; a {@link Refusal} 404 for nobody. */
export function userById(tenant: Tenant, id: string): User {
  const user = tenant.users.primary.get(id);
  if (user === undefined) throw new Refusal(404, "NoSuchUser", `there is no user ${id}`);
  return user;
}

export function setAccountEnabled(tenant: Tenant, id: string, accountEnabled: boolean): void {
  storeUser(tenant, { ...userById(tenant, id), accountEnabled }, accountEnabled ? "enabled" : "disabled");
  auditAccount(tenant, id, accountEnabled ? "Enable account" : "Disable account");
}

/** Whoever may edit a user may change this, users themselves among them if their role allows it. */
export function setUserType(tenant: Tenant, id: string, userType: User["userType"]): void {
  storeUser(tenant, { ...userById(tenant, id), userType }, "userTypeChanged");
}

/** Puts somebody into a restricted management administrative unit, or takes them out of it. */
export function setManagementRestricted(tenant: Tenant, id: string, isManagementRestricted: boolean): void {
  storeUser(tenant, { ...userById(tenant, id), isManagementRestricted }, "restrictionChanged");
}

/** Moves `signInSessionsValidFromDateTime` to the present second. External users are left as they are: see `ownsItsSessions`. */
export function cutSessions(tenant: Tenant, user: User): void {
  storeUser(tenant, { ...user, validFrom: epochSeconds(tenant.clock.now()) }, "sessionsCut");
}

/** Graph docs: user-revokesigninsessions. External users sign in through their home tenant, so revoking here does nothing. */
export function ownsItsSessions(user: User): boolean {
  return user.identities.every(({ signInType }) => signInType !== "federated");
}

export function deleteUser(tenant: Tenant, id: string): void {
  const user = userById(tenant, id);
  auditAccount(tenant, id, "Delete user");
  tenant.users.remove(id);
  tenant.sessionCuts.put(id, { validFrom: user.validFrom, blocked: true });
  tenant.history.record({ event: "userChanged", userId: id, change: "deleted" });
  publishUser(tenant, id);
}

function storeUser(tenant: Tenant, user: User, change: string): void {
  tenant.users.put(user.id, user);
  // The home tenant of an external user does not hear of what happens to sessions here.
  const validFrom = ownsItsSessions(user) ? user.validFrom : 0;
  tenant.sessionCuts.put(user.id, { validFrom, blocked: !user.accountEnabled });
  tenant.history.record({ event: "userChanged", userId: user.id, change });
  publishUser(tenant, user.id);
}

/** Whatever happens to a user arrives as `updated`, a soft delete and a revoke too (Graph docs: change-notifications-overview). */
function publishUser(tenant: Tenant, id: string): void {
  publishChange(tenant, { kind: "users", id, changeType: "updated", part: null, delta: null });
}
