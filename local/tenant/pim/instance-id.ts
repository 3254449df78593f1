import type { Privilege } from "../directory/role-assignments.ts";

/**
 * The id that Graph gives a schedule instance and its directory row: base64url of the bytes of the role's and the principal's
 * GUIDs, then `-1`. It is the same for every activation of that role by that principal. The published ids that show this all
 * have the scope `/`; putting the administrative unit's bytes behind them is our guess.
 */
export function instanceId({ roleDefinitionId, principalId, directoryScopeId }: Privilege): string {
  const unit = directoryScopeId.split("/").at(-1) ?? "";
  const parts = [roleDefinitionId, principalId, ...(unit === "" ? [] : [unit])];
  return `${Buffer.concat(parts.map(guidBytes)).toString("base64url")}-1`;
}

/** GUIDs are stored as .NET does: the first three groups little-endian. */
function guidBytes(guid: string): Buffer {
  const [first = "", second = "", third = "", ...rest] = guid.split("-");
  const reversed = [first, second, third].map((group) => Buffer.from(group, "hex").reverse());
  return Buffer.concat([...reversed, Buffer.from(rest.join(""), "hex")]);
}
