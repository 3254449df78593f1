// node test/bench/replay-a-million.ts [RECORDS] [ENDS PER HUNDRED] [--stream]: replays a synthetic export as `npm run replay` does,
// and says what it took. Exit code 1 above 15 s or 200 MB for each million records: the machine should have nothing else to do. With
// --stream the export goes through a named pipe and never lies on the disk: for ten million, and only the CPU and the memory count then.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { z } from "zod";

const MOST = { seconds: 15, megabytes: 200 };
const isStream = process.argv.includes("--stream");
const [records = "1000000", endsPerHundred = "1"] = process.argv.slice(2).filter((one) => !one.startsWith("--"));
const usage = z.object({ megabytes: z.number(), cpuSeconds: z.number() });

const generator = () =>
  spawn(process.execPath, [join(import.meta.dirname, "generate-audit-export.ts"), records, endsPerHundred], {
    stdio: ["ignore", "pipe", "inherit"],
  });

const folder = await mkdtemp(join(tmpdir(), "replay-"));
try {
  const file = join(folder, "export.jsonl");
  if (isStream) execFileSync("mkfifo", [file]);
  const written = pipeline(generator().stdout, createWriteStream(file));
  if (!isStream) await written;
  const [{ seconds, megabytes, cpuSeconds }] = await Promise.all([replay(file), written]);
  const size = isStream ? "a stream" : `${Math.round((await stat(file)).size / 1e6)} MB`;
  console.log(
    `${Number(records).toLocaleString("en-US")} records (${size}), ${endsPerHundred} ends in every hundred: ` +
      `${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of CPU), ${megabytes} MB`,
  );
  const millions = Math.max(1, Number(records) / 1e6);
  if ((!isStream && seconds > millions * MOST.seconds) || megabytes > millions * MOST.megabytes) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}

async function replay(file: string) {
  const { scripts } = z
    .object({ scripts: z.object({ replay: z.string() }) })
    .parse(JSON.parse(await readFile(join(import.meta.dirname, "../../package.json"), "utf8")));
  const [, ...args] = scripts.replay.split(" ");
  const begun = performance.now();
  const child = spawn(process.execPath, ["--import", "./test/bench/report-usage.ts", ...args, file], {
    cwd: join(import.meta.dirname, "../.."),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, "close")]);
  const seconds = (performance.now() - begun) / 1000;
  if (status !== 0) throw new Error(`The replay ended with ${status}: ${stderr}`);
  return { seconds, ...usage.parse(JSON.parse(stderr)) };
}
