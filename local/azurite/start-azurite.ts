import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";

export interface AzuriteOptions {
  /** Port of the blob service; queue and table take the next two. Without it each takes any free port. */
  readonly port?: number;
  /** Name of the account that the returned connection belongs to. Default `devstoreaccount1`. */
  readonly account?: string;
  /** More accounts, for tests that need storage of their own; see `connectionStringOf`. */
  readonly accounts?: readonly string[];
  /** Folder that keeps the data. Without it everything is in memory and ends with the process. */
  readonly location?: string;
}

export interface Azurite {
  readonly connectionString: string;
  readonly blobUrl: string;
  readonly queueUrl: string;
  readonly tableUrl: string;
  readonly pid: number;
  /** The connection string of one of the accounts it was started with. */
  connectionStringOf(account: string): string;
  /** Ends it in order; resolves when it has exited. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash; resolves when it has exited. With a `location`, Azurite may lose what it stored in the last five seconds. */
  kill(): Promise<void>;
}

// The key of Azurite's well-known account, printed in its documentation. All accounts use it: loopback only, no secret.
const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/** Starts Azurite (blob, queue and table) as a child process on loopback; resolves when all three listen. It dies with this process. */
export async function startAzurite(options: AzuriteOptions = {}): Promise<Azurite> {
  const account = options.account ?? "devstoreaccount1";
  const accounts = [account, ...(options.accounts ?? [])];
  const child = spawn(process.execPath, toArguments(options), {
    // Azurite wants a working directory that it may write to, even in memory.
    cwd: options.location === undefined ? tmpdir() : undefined,
    env: { ...process.env, AZURITE_ACCOUNTS: accounts.map((name) => `${name}:${key}`).join(";") },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // Its own process group: a Ctrl-C in the terminal is for the host, which still needs storage to drain.
    detached: true,
    windowsHide: true,
  });
  const exited = once(child, "exit");
  const { blob, queue, table, pid } = await untilListening(child);
  letParentExit(child);

  const connectionStringOf = (name: string): string => {
    if (!accounts.includes(name)) throw new RangeError(`Azurite was started without the account "${name}".`);
    return [
      "DefaultEndpointsProtocol=http",
      `AccountName=${name}`,
      `AccountKey=${key}`,
      `BlobEndpoint=${blob}/${name}`,
      `QueueEndpoint=${queue}/${name}`,
      `TableEndpoint=${table}/${name}`,
    ].join(";");
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.ref();
    child.kill(signal);
    await exited;
  };
  return {
    connectionString: connectionStringOf(account),
    blobUrl: `${blob}/${account}`,
    queueUrl: `${queue}/${account}`,
    tableUrl: `${table}/${account}`,
    pid,
    connectionStringOf,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

function toArguments({ port, location }: AzuriteOptions): string[] {
  const ports = port === undefined ? [0, 0, 0] : [port, port + 1, port + 2];
  return [
    "--import",
    new URL("exit-with-parent.mjs", import.meta.url).href,
    createRequire(import.meta.url).resolve("azurite/dist/src/azurite.js"),
    ...["blob", "queue", "table"].flatMap((name, i) => [`--${name}Host`, "127.0.0.1", `--${name}Port`, `${ports[i]}`]),
    ...(location === undefined ? ["--inMemoryPersistence"] : ["--location", location]),
    ...["--silent", "--skipApiVersionCheck", "--disableProductStyleUrl", "--disableTelemetry"],
  ];
}

/** Azurite prints the URL of each service once it listens. */
async function untilListening(
  child: ChildProcess,
): Promise<{ blob: string; queue: string; table: string; pid: number }> {
  const { stdout, stderr, pid } = child;
  if (!stdout || !stderr || pid === undefined) throw new Error("Azurite could not be started.");
  let output = "";
  stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const urls = new Map<string, string>();
  for await (const line of createInterface({ input: stdout })) {
    output += `${line}\n`;
    const match = /Azurite (\w+) service is successfully listening at (\S+)/.exec(line);
    if (match?.[1] && match[2]) urls.set(match[1], match[2]);
    const [blob, queue, table] = ["Blob", "Queue", "Table"].map((name) => urls.get(name));
    if (blob && queue && table) return { blob, queue, table, pid };
  }
  throw new Error(`Azurite ended before it listened:\n${output}`);
}

/** Azurite must not keep this process alive. Its output is read and dropped: a closed pipe would end it at its next line. */
function letParentExit(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.resume();
    if (stream instanceof Socket) stream.unref();
  }
}
