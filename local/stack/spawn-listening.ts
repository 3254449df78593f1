import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface ListeningProcess {
  /** The JSON line that it printed when it was ready, not yet parsed further. */
  readonly listening: unknown;
  readonly pid: number;
  /** SIGTERM: it ends in order. Resolves when it has exited. */
  stop(): Promise<void>;
  /** SIGKILL: as a crash. Resolves when it has exited. */
  kill(): Promise<void>;
  /** Resolves with the exit code when it has exited; null after a signal. */
  readonly exited: Promise<number | null>;
}

export interface SpawnOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** File that takes what it prints to stderr, appended; without it that is thrown away, but for the last lines in an error. */
  readonly log?: string;
  /** Called with each of these lines. */
  readonly onLine?: (line: string) => void;
}

const exitWithParent = new URL("../azurite/exit-with-parent.mjs", import.meta.url).href;

/** What Node has compiled, types stripped: each start after the first takes half the time (Node docs: module compile cache). */
const compileCache = fileURLToPath(new URL("../out/compile-cache", import.meta.url));

/** Runs a script of this repository as a process of its own and resolves with the `{"event":"listening"}` line it prints. */
export async function spawnListening(
  script: string,
  args: readonly string[],
  { env = process.env, cwd = process.cwd(), log, onLine }: SpawnOptions = {},
): Promise<ListeningProcess> {
  const child = spawn(process.execPath, ["--import", exitWithParent, script, ...args], {
    env: { NODE_COMPILE_CACHE: compileCache, ...env },
    cwd,
    // The IPC channel shows it our end, even by SIGKILL.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // Its own process group: a Ctrl-C in the terminal is for whoever started it, who stops it in order.
    detached: true,
  });
  // Not "exit": what it said last comes after that.
  const exited = once(child, "close").then(([code]) => (typeof code === "number" ? code : null));
  const tail: string[] = [];
  const sink = log === undefined ? undefined : createWriteStream(log, { flags: "a" });
  const { stderr } = child;
  if (stderr === null) throw new Error("A process without stderr cannot say what went wrong.");
  createInterface({ input: stderr }).on("line", (line) => {
    sink?.write(`${line}\n`);
    onLine?.(line);
    tail.push(line);
    if (tail.length > 20) tail.shift();
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
    sink?.end();
  };
  const listening = await Promise.race([
    firstLine(child),
    exited.then((code) => {
      throw new Error(`${script} ended with ${code} before it listened:\n${tail.join("\n")}`);
    }),
  ]);
  return { listening, pid: child.pid ?? 0, exited, stop: () => end("SIGTERM"), kill: () => end("SIGKILL") };
}

async function firstLine(child: ChildProcess): Promise<unknown> {
  if (child.stdout === null) throw new Error("A process without stdout cannot say that it listens.");
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return JSON.parse(String(line));
}
