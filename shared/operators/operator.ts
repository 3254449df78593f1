/**
 * What a caller may do: an app role of the app registration that guards the endpoints, given to people, groups or applications in Entra.
 * Whoever may operate may read.
 */
export const appRoles = ["Cutoff.Read", "Cutoff.Operate"] as const;
export type AppRole = (typeof appRoles)[number];

/** Who calls, as Entra says. */
export interface Operator {
  /** Of a user or, for automation, of a service principal. */
  readonly objectId: string;
  readonly roles: ReadonlySet<AppRole>;
}

/** Why a caller is nobody to us. A code, never what was found. */
export type Unproven =
  /** Neither a token nor App Service's word. */
  | "NO_TOKEN"
  /** Not signed by our tenant for our audience, expired, or no token at all. */
  | "BAD_TOKEN"
  /** The tenant's keys cannot be had now: nobody can tell. */
  | "KEYS_UNAVAILABLE";

export type Proof =
  | { readonly proven: true; readonly operator: Operator }
  | { readonly proven: false; readonly because: Unproven };

/** Those of the claimed roles that are ours. */
export const ourRoles = (claimed: readonly string[]): ReadonlySet<AppRole> =>
  new Set(appRoles.filter((role) => claimed.includes(role)));

export const mayDo = ({ roles }: Operator, needed: AppRole): boolean =>
  roles.has(needed) || (needed === "Cutoff.Read" && roles.has("Cutoff.Operate"));
