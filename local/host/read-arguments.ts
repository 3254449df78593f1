import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { HostError } from "./host-error.ts";

export interface HostArguments {
  readonly appDirectory: string;
  readonly port: number;
  readonly quiet: boolean;
}

const usage = "Usage: node local/host/main.ts [--app DIR] [--port N] [--quiet]";

/** @throws HostError `argumentInvalid` with the usage. */
export function readArguments(args: string[], cwd: string): HostArguments {
  const { app, port, quiet } = parse(args);
  const number = Number(port);
  if (!/^\d+$/.test(port) || number > 65_535) throw new HostError("argumentInvalid", `--port is 0 to 65535. ${usage}`);
  return { appDirectory: resolve(cwd, app), port: number, quiet };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        app: { type: "string", default: "." },
        port: { type: "string", default: "7071" },
        quiet: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new HostError("argumentInvalid", `${error instanceof Error ? error.message : String(error)} ${usage}`);
  }
}
