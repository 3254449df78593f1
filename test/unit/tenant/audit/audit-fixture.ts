import { z } from "zod";
import { tenantForTest } from "../fixture.ts";

const property = z.object({
  displayName: z.string(),
  oldValue: z.string().nullable(),
  newValue: z.string().nullable(),
});
const rowSchema = z.object({
  id: z.string(),
  category: z.string(),
  correlationId: z.string(),
  result: z.string(),
  resultReason: z.string(),
  activityDisplayName: z.string(),
  activityDateTime: z.string(),
  loggedByService: z.string(),
  operationType: z.string(),
  initiatedBy: z.object({
    user: z.looseObject({ id: z.string(), displayName: z.string() }).nullable(),
    app: z.looseObject({ appId: z.string().nullable(), displayName: z.string() }).nullable(),
  }),
  targetResources: z.array(
    z.object({
      id: z.string().nullable(),
      displayName: z.string().nullable(),
      type: z.string(),
      userPrincipalName: z.string().nullable(),
      groupType: z.string().nullable(),
      modifiedProperties: z.array(property),
    }),
  ),
  additionalDetails: z.array(z.object({ key: z.string(), value: z.string() })),
});
export type Row = z.infer<typeof rowSchema>;

export const audits = "/auditLogs/directoryAudits";

/** A tenant with its audit log as Graph shows it, oldest first; time stands still. */
export async function auditedTenant() {
  const world = await tenantForTest();
  await world.control.changeSettings({ quotas: { reportsPer10Seconds: 1000 } });
  const rows = async (query = "$orderby=activityDateTime"): Promise<Row[]> => {
    const { body } = await world.graph(`${audits}?${query}`);
    return z.array(rowSchema).parse(body.value);
  };
  const pass = (jumpMs: number) => world.control.setClock({ jumpMs });
  return { ...world, rows, pass };
}

/** What a row is about, in one line. */
export const lineOf = ({ loggedByService, activityDisplayName }: Row): string =>
  `${loggedByService}: ${activityDisplayName}`;

export const targetOf = (row: Row | undefined, type: string) =>
  row?.targetResources.find((target) => target.type === type);

export const detailsOf = (row: Row | undefined): Record<string, string> =>
  Object.fromEntries(row?.additionalDetails.map(({ key, value }) => [key, value]) ?? []);
