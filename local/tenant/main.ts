import { parseArgs } from "node:util";
import { z } from "zod";
import { given } from "../setup/given.ts";
import { startTenant } from "./start-tenant.ts";

const help = `node local/tenant/main.ts [--port N] [--seed S] [--scale F] [--offset-ms=N]

Serves the simulated Entra tenant on this machine until SIGTERM or SIGINT, and prints where as one line of JSON (local/tenant/README.md).

  --port N       0 for any free one, which is the default
  --seed S       where its random numbers start, 1 by default
  --scale F      how fast its time goes, 1 by default; 0 stops it
  --offset-ms=N  how far its clock is ahead of this machine's
  --help         says this
`;

const number = z.coerce.number();
const optionsSchema = z.object({
  port: number.int().min(0).max(65_535).default(0),
  seed: number.int().default(1),
  scale: number.nonnegative().default(1),
  "offset-ms": number.int().default(0),
});
const text = { type: "string" } as const;

const { "offset-ms": offsetMs, ...rest } = given(help, (args) => {
  const { values } = parseArgs({ args, options: { port: text, seed: text, scale: text, "offset-ms": text } });
  const options = optionsSchema.safeParse(values);
  if (!options.success) throw new Error(z.prettifyError(options.error));
  return options.data;
});
const { close, ...tenant } = await startTenant({ ...rest, offsetMs });
process.stdout.write(`${JSON.stringify({ event: "listening", ...tenant })}\n`);
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, close);
