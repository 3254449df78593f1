import { isGraphError } from "../../../shared/graph/errors.ts";
import { type Finding, good } from "../finding.ts";
import type { Patient } from "../patient.ts";

const check = "scope";
/** The most users, and the most principals, that are read: PIM's list holds groups and service principals as well. */
const mostUsers = 20;
const mostPrincipals = 100;

/** In a restricted unit no Graph permission is enough, so the cure names a role instead (Entra docs: admin-units-restricted-management). */
export const unitCure =
  "Assign the app's identity a role that may revoke sessions, such as Privileged Authentication Administrator, at the scope of that unit: az rest --url https://graph.microsoft.com/v1.0/users/USER/memberOf/microsoft.graph.administrativeUnit   # names it";

/** Finds users with a role whom Graph very likely refuses to sign out. Excluded users are left out, since they are not signed out anyway. */
export async function checkRestricted({
  graph,
  settings,
}: Pick<Patient, "settings"> & {
  readonly graph: Pick<Patient["graph"], "listRoleInstances" | "readPrincipal">;
}): Promise<readonly Finding[]> {
  try {
    const { value: listed } = await graph.listRoleInstances();
    const principals = [...new Set(listed.map(({ principalId }) => principalId))].filter(
      (id) => !settings.policy.excluded.has(id),
    );
    let read = 0;
    let users = 0;
    const restricted: string[] = [];
    for (const id of principals.slice(0, mostPrincipals)) {
      if (users === mostUsers) break;
      const { user } = (await graph.readPrincipal(id)).value;
      read += 1;
      if (user !== null) users += 1;
      if (user?.restricted === true) restricted.push(id);
    }
    const left = principals.length - read;
    const seen = `of the ${users} users with a role that were looked at${left === 0 ? "" : ` (${left} more principals of PIM's list were not)`}`;
    if (restricted.length === 0) return [good(check, `none ${seen} is in a restricted management administrative unit`)];
    return [
      {
        check,
        state: "warning",
        what: `${restricted.length} ${seen} ${restricted.length === 1 ? "is" : "are"} in a restricted management administrative unit: ${restricted.join(", ")}.`,
        why: "Graph's application permissions do not count there: very likely it refuses to revoke, and they are not cut.",
        fix: unitCure,
      },
    ];
  } catch (error) {
    if (!isGraphError(error)) throw error;
    return [
      {
        check,
        state: "unknown",
        what: `Who is in a restricted management administrative unit could not be read: ${error.code}.`,
      },
    ];
  }
}
