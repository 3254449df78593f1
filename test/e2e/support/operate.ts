import { z } from "zod";
import type { RunningHost } from "../../../local/stack/start-stack.ts";

const operatedSchema = z.object({
  operationId: z.string(),
  principals: z.number(),
  note: z.string().nullable(),
  pending: z
    .object({
      principals: z.array(
        z.object({
          principalId: z.string(),
          ends: z.array(z.object({ olderThanAnHour: z.boolean(), heldBy: z.string().nullable() })),
        }),
      ),
      more: z.number(),
    })
    .optional(),
});

/** An operator's order, carried out by this host. */
export async function operate(
  { url, functionKey }: Pick<RunningHost, "url" | "functionKey">,
  action: string,
  body: object = {},
) {
  const response = await fetch(`${url}/api/operations/${action}`, {
    method: "POST",
    headers: { "x-functions-key": functionKey },
    body: JSON.stringify({ reason: "e2e", ...body }),
  });
  if (!response.ok) throw new Error(`${action} was refused with ${response.status}: ${await response.text()}`);
  return operatedSchema.parse(await response.json());
}
