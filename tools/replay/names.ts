import { z } from "zod";
import { type AuditRecord, pimRoles, removedRoles } from "../../shared/audit-log/record.ts";
import type { Fields } from "./input/fields.ts";

/** The names of people, roles and groups in the export. Used only for the output that the person asked for. */
export interface Names {
  /** @param row the record in the shape of Graph docs: directoryaudit */
  learn(record: AuditRecord, row: Fields): void;
  /** The name of an object id or role definition id; the id itself when the export has none. */
  of(id: string): string;
  /** Whether the user signs in in another tenant: then `revokeSignInSessions` has no effect (Graph docs: user-revokesigninsessions). */
  isExternal(id: string): boolean;
}

const text = z.string().nullish().catch(null);
const rowNames = z.object({
  targetResources: z.array(z.object({ id: text, type: text, Type: text, displayName: text, userPrincipalName: text })),
});

export function createNames(): Names {
  const names = new Map<string, string>();
  const external = new Set<string>();

  const learnRole = (record: AuditRecord, pimName: string | undefined) => {
    const [role, ...more] = new Set([...removedRoles(record), ...pimRoles(record)]);
    const properties = record.targets.flatMap((target) => target.properties);
    const name = properties.find((property) => property.name === "Role.DisplayName")?.oldValue ?? pimName;
    if (role !== undefined && more.length === 0 && typeof name === "string" && name !== "") names.set(role, name);
  };

  return {
    learn(record, row) {
      const parsed = rowNames.safeParse(row);
      const targets = parsed.success ? parsed.data.targetResources : [];
      for (const { id, displayName, userPrincipalName } of targets) {
        if (!id) continue;
        const key = id.toLowerCase();
        if (userPrincipalName) names.set(key, userPrincipalName);
        else if (displayName && !names.has(key)) names.set(key, displayName);
        // The user principal name that Entra gives to invited guests (Entra docs: user-properties).
        if (userPrincipalName?.toUpperCase().includes("#EXT#")) external.add(key);
      }
      const role = targets.find(({ type, Type }) => (type ?? Type)?.toLowerCase() === "role");
      learnRole(record, role?.displayName ?? undefined);
    },
    of: (id) => names.get(id) ?? id,
    isExternal: (id) => external.has(id),
  };
}
