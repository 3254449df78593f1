import { z } from "zod";
import type { LoggingHost } from "./world.ts";

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

/** An order of somebody whom Entra names an operator, carried out by this host. */
export async function operate(
  { url, functionKey, operatorToken }: Pick<LoggingHost, "url" | "functionKey" | "operatorToken">,
  action: string,
  body: object = {},
) {
  const response = await fetch(`${url}/api/operations/${action}`, {
    method: "POST",
    headers: {
      "x-functions-key": functionKey,
      "content-type": "application/json",
      authorization: `Bearer ${await operatorToken()}`,
    },
    body: JSON.stringify({ reason: "e2e", ...body }),
  });
  if (!response.ok) throw new Error(`${action} was refused with ${response.status}: ${await response.text()}`);
  return operatedSchema.parse(await response.json());
}
