import type { RolePrivilege } from "../graph/graph.ts";

const form = /^([A-Za-z0-9_-]{43})-\d+$/;

/**
 * Role and principal in the id of a roleAssignmentScheduleInstance: base64url of both GUIDs' bytes, as in the ids that Microsoft's
 * documentation shows. Null for any other id. It is a guess about a hint: whoever uses it looks at what Graph shows of the principal.
 */
export function readInstanceId(
  id: string,
): (Pick<RolePrivilege, "roleDefinitionId"> & { readonly principalId: string }) | null {
  const [, encoded = ""] = form.exec(id) ?? [];
  const bytes = Buffer.from(encoded, "base64url");
  if (bytes.length !== 32) return null;
  return { roleDefinitionId: toGuid(bytes.subarray(0, 16)), principalId: toGuid(bytes.subarray(16)) };
}

/** GUIDs are stored with their first three parts in little-endian order (.NET docs: Guid.ToByteArray). */
function toGuid(bytes: Buffer): string {
  const hex = (from: number, to: number) => bytes.subarray(from, to).toString("hex");
  const swapped = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).reverse().toString("hex");
  return [swapped(0, 4), swapped(4, 6), swapped(6, 8), hex(8, 10), hex(10, 16)].join("-");
}
