import { resolve } from "node:path";
import { parseArgs } from "node:util";

export interface HostArguments {
  readonly appDirectory: string;
  readonly port: number;
  readonly quiet: boolean;
}

export const help = `node local/host/main.ts [--app DIR] [--port N] [--quiet]

Runs the built app on this machine until SIGTERM or SIGINT, and prints where as one line of JSON.

  --app DIR  the folder of the app, this one by default
  --port N   0 to 65535, 7071 by default; 0 for any free one
  --quiet    logs warnings and errors only
  --help     says this
`;

/** @throws Error for an argument that it does not take */
export function readArguments(args: string[], cwd: string): HostArguments {
  const { app, port, quiet } = parseArgs({
    args,
    options: {
      app: { type: "string", default: "." },
      port: { type: "string", default: "7071" },
      quiet: { type: "boolean", default: false },
    },
  }).values;
  const number = Number(port);
  if (!/^\d+$/.test(port) || number > 65_535) throw new Error("--port is 0 to 65535.");
  return { appDirectory: resolve(cwd, app), port: number, quiet };
}
