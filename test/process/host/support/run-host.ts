import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { z } from "zod";

const listeningLine = z.object({
  event: z.literal("listening"),
  url: z.url(),
  functions: z.array(z.string()),
  masterKey: z.string(),
  functionKey: z.string(),
});

/** Starts the host as its users do; it is killed after the test. Logs are kept from the start, so waiting for one never comes too late. */
export function runHost(folder: string, env: Record<string, string> = {}, args: string[] = []) {
  const { AzureWebJobsStorage: _, ...inherited } = process.env;
  const child = spawn(process.execPath, ["local/host/main.ts", "--app", folder, "--port", "0", ...args], {
    env: { ...inherited, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const logs = collect(child.stderr);
  const output = collect(child.stdout);
  const exited = once(child, "exit").then(([code]) => code);

  return {
    logs: logs.lines,
    output: output.lines,
    exited,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    waitForLog: logs.waitFor,
    listening: async () => listeningLine.parse(JSON.parse(await output.waitFor(/^\{/))),
  };
}

function collect(stream: NodeJS.ReadableStream) {
  const lines: string[] = [];
  const arrivals = new EventEmitter();
  arrivals.setMaxListeners(0);
  createInterface({ input: stream }).on("line", (line) => {
    lines.push(line);
    arrivals.emit("line");
  });
  /** The `count`th line that matches. */
  const waitFor = async (pattern: RegExp, count = 1): Promise<string> => {
    while (true) {
      const match = lines.filter((line) => pattern.test(line))[count - 1];
      if (match !== undefined) return match;
      await once(arrivals, "line");
    }
  };
  return { lines, waitFor };
}
