import { z } from "zod";
import type { AppUnderTest } from "./world/app.ts";

const holdingRow = z.object({ principalId: z.string(), role: z.string(), scope: z.string(), schedule: z.string() });
const revocationRow = holdingRow
  .omit({ schedule: true })
  .extend({ cutOff: z.number(), outcome: z.string().nullable() });

/** What one would write in an hour: it believes the list and revokes at once. It exists to show that the judge notices. */
export const naiveApp: AppUnderTest = {
  hint: (principalId) => ({ principalId }),
  report: (queue, principalId) => queue.send({ principalId }, 0),

  readRevocation(_partition, row, content) {
    if (!row.startsWith("revocation")) return undefined;
    return { ...revocationRow.parse(content), audited: false, verified: null, mark: null };
  },

  start({ graph, principals: table, telemetry }) {
    const resync = async (): Promise<void> => {
      const { value: rows, date } = await graph.listRoleInstances();
      const listed = new Map(rows.map((row) => [row.roleAssignmentScheduleId, row]));
      for await (const { partition, row, content, etag } of table.scan("holding")) {
        const holding = holdingRow.parse(content);
        if (listed.has(holding.schedule)) {
          listed.delete(holding.schedule);
          continue;
        }
        const revocation = row.replace("holding", "revocation");
        await table.commit(partition, [
          { type: "delete", row, etag },
          { type: "upsert", row: revocation, content: { ...holding, cutOff: date, outcome: null } },
        ]);
        await graph.revokeSignInSessions(holding.principalId);
        const content_ = { ...holding, cutOff: date, outcome: "revoked" };
        await table.commit(partition, [{ type: "upsert", row: revocation, content: content_ }]);
        telemetry.event("revokeAccepted", { principalId: holding.principalId });
      }
      for (const { principalId, roleDefinitionId, directoryScopeId, roleAssignmentScheduleId } of listed.values()) {
        const content = {
          principalId,
          role: roleDefinitionId,
          scope: directoryScopeId,
          schedule: roleAssignmentScheduleId,
        };
        await table.commit(principalId, [{ type: "upsert", row: `holding-${roleAssignmentScheduleId}`, content }]);
      }
    };
    return { resync, catchUp: async () => undefined, handleMessage: resync, order: async () => undefined };
  },
};
