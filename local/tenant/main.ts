import { parseArgs } from "node:util";
import { z } from "zod";
import { startTenant } from "./start-tenant.ts";

const usage = "usage: node local/tenant/main.ts [--port N] [--seed S] [--scale F] [--offset-ms=N]";
const number = z.coerce.number();
const optionsSchema = z.object({
  port: number.int().min(0).max(65_535).default(0),
  seed: number.int().default(1),
  scale: number.nonnegative().default(1),
  "offset-ms": number.int().default(0),
});

const options = optionsSchema.safeParse(readArguments());
if (!options.success) {
  process.stderr.write(`${z.prettifyError(options.error)}\n${usage}\n`);
  process.exit(2);
}
const { "offset-ms": offsetMs, ...rest } = options.data;
const { close, ...tenant } = await startTenant({ ...rest, offsetMs });
process.stdout.write(`${JSON.stringify({ event: "listening", ...tenant })}\n`);
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, close);

function readArguments(): Record<string, string | undefined> {
  const text = { type: "string" } as const;
  try {
    return parseArgs({ options: { port: text, seed: text, scale: text, "offset-ms": text } }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    process.exit(2);
  }
}
