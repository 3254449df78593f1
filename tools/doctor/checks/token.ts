import { decodeJwt } from "jose";
import { z } from "zod";
import { type Features, memberReadHidden, neededPermissions, permissions } from "../../../shared/graph/permissions.ts";
import { type Finding, good, notLookedAt } from "../finding.ts";
import type { Check } from "../patient.ts";

const claimsSchema = z.object({ roles: z.array(z.string()).default([]) });

export const noToken = "no token";

/** The command that grants the missing permissions; the script takes the settings that a permission depends on. */
export function grantCommand({ revoking, groups, subscriptions }: Features): string {
  const settings = [
    ...(revoking ? [] : ["CUTOFF_MODE=reportOnly "]),
    ...(groups ? [] : ["WATCHED_GROUPS=none "]),
    ...(subscriptions ? [] : ["GRAPH_SUBSCRIPTIONS=off "]),
  ];
  return `${settings.join("")}infra/graph-permissions/grant.sh PRINCIPAL_ID   # then restart the app: its token is cached`;
}

/** Fetches a token for Graph and compares its `roles` with the permissions that the app needs: neither less nor more. */
export const checkToken: Check = async ({ credential, settings, features }) => {
  let held: readonly string[];
  try {
    const token = await credential.getToken(settings.graph.scope);
    held = claimsSchema.parse(decodeJwt(token?.token ?? "")).roles;
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    return [
      {
        check: "token",
        state: "bad",
        what: `No token for Microsoft Graph could be had as ${settings.credential.kind} (${name}).`,
        why: "Without it the app can neither read nor revoke.",
        fix:
          settings.credential.kind === "managedIdentity"
            ? "Assign the identity to the app and set AZURE_CLIENT_ID to its client id; elsewhere than in Azure set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
            : "Check AZURE_TENANT_ID, AZURE_CLIENT_ID and the secret or certificate: az ad app credential list --id $AZURE_CLIENT_ID",
      },
      notLookedAt("permissions", noToken),
    ];
  }
  const needed = neededPermissions(features);
  const missing = needed.filter(({ name }) => !held.includes(name));
  // Groups with hidden membership need it, and the doctor cannot see whether the tenant has any.
  const needless = held.filter((role) => role !== memberReadHidden.name && needed.every(({ name }) => name !== role));
  return [
    good("token", `a token for Microsoft Graph as ${settings.credential.kind}`),
    ...missing.map(
      ({ name, feature }): Finding => ({
        check: "permissions",
        state: "bad",
        what: `The token lacks ${name}.`,
        why: `Not possible without it: ${feature}.`,
        fix: grantCommand(features),
      }),
    ),
    ...needless.map(
      (name): Finding => ({
        check: "permissions",
        state: "warning",
        what: `The token has ${name}, which the app ${permissions.some((one) => one.name === name) ? "does not need with these settings" : "never uses"}.`,
        why: "An attacker who takes over the app gets it too.",
        fix: "Entra admin center, Enterprise applications, the identity, Permissions: remove it, unless the settings are to change soon",
      }),
    ),
    ...(missing.length + needless.length === 0
      ? [good("permissions", "exactly those that the app needs with these settings")]
      : []),
  ];
};
