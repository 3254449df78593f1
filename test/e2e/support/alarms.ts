import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { LoggingHost } from "./world.ts";

const alarmSchema = z.looseObject({ event: z.string(), alarm: z.literal(true) });

/** What a host has raised so far, from its log. */
export async function alarmsOf({ log }: LoggingHost) {
  const lines = (await readFile(log, "utf8")).split("\n").filter((line) => line.startsWith("{"));
  return lines.flatMap((line) => alarmSchema.safeParse(JSON.parse(line)).data ?? []);
}
