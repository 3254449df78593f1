import { z } from "zod";
import type { RunningHost } from "../../../local/stack/start-stack.ts";

const healthSchema = z.object({
  healthy: z.boolean(),
  problems: z.array(z.string()),
  build: z.object({ version: z.string(), commit: z.string().nullable() }),
  mode: z.string(),
  stopped: z.boolean().nullable(),
  storage: z.string(),
  lastResync: z.object({ startedAt: z.iso.datetime().nullable(), finishedAt: z.iso.datetime().nullable() }),
  lastGraphSuccess: z.iso.datetime().nullable(),
  pending: z.object({
    principals: z.number(),
    oldestSince: z.iso.datetime().nullable(),
    inReview: z.number(),
  }),
  sources: z.record(
    z.string(),
    z.object({ state: z.string(), lastAt: z.string().nullable(), detail: z.string().nullable() }),
  ),
  deadLetters: z.number(),
  undelivered: z.number(),
  stoppedChannels: z.array(z.number()),
  keysRotated: z.boolean().nullable(),
});

/** What a person with the function key sees. */
export async function readHealth({ url, functionKey }: Pick<RunningHost, "url" | "functionKey">) {
  const response = await fetch(`${url}/api/health`, { headers: { "x-functions-key": functionKey } });
  return { status: response.status, ...healthSchema.parse(await response.json()) };
}
