import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

export interface Azurite {
  readonly connectionString: string;
  readonly blobUrl: string;
  readonly queueUrl: string;
  readonly tableUrl: string;
  readonly pid: number;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** Azurite's well-known development account (Azurite README). */
const account = "devstoreaccount1";
const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/** Starts blob, queue and table service on free loopback ports, in memory, and resolves when all three listen. */
export async function startAzurite({ accounts }: { readonly accounts?: string } = {}): Promise<Azurite> {
  const script = createRequire(import.meta.url).resolve("azurite/dist/src/azurite.js");
  const ports = ["--blobPort", "0", "--queuePort", "0", "--tablePort", "0"];
  const child = spawn(
    process.execPath,
    [script, "--silent", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", ...ports],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...(accounts === undefined ? {} : { AZURITE_ACCOUNTS: accounts }) },
    },
  );
  const exited = once(child, "exit");
  const end = (signal: NodeJS.Signals) => async () => {
    child.kill(signal);
    await exited;
  };
  const killWithParent = () => child.kill("SIGKILL");
  process.once("exit", killWithParent);
  void exited.then(() => process.off("exit", killWithParent));

  const urls = new Map<string, string>();
  for await (const line of createInterface(child.stdout)) {
    const [, service, url] = /Azurite (\w+) service is successfully listening at (\S+)/.exec(line) ?? [];
    if (service !== undefined && url !== undefined) urls.set(service, `${url}/${account}`);
    if (urls.size === 3) break;
  }
  const [blobUrl, queueUrl, tableUrl] = [urls.get("Blob"), urls.get("Queue"), urls.get("Table")];
  if (child.pid === undefined || blobUrl === undefined || queueUrl === undefined || tableUrl === undefined) {
    throw new Error("Azurite ended before all its services were listening: see its output above.");
  }
  child.stdout.resume();
  const endpoints = `BlobEndpoint=${blobUrl};QueueEndpoint=${queueUrl};TableEndpoint=${tableUrl};`;
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};${endpoints}`,
    blobUrl,
    queueUrl,
    tableUrl,
    pid: child.pid,
    stop: end("SIGTERM"),
    kill: end("SIGKILL"),
  };
}
