import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { given } from "../../local/setup/given.ts";

const help = `node test/bench/replay-a-million.ts [RECORDS [ENDS]] [--stream]

Replays an invented export as npm run replay does, and says what it took. Exit code 1 above 15 s or 200 MB for each million records: the
machine should have nothing else to do.

  RECORDS   how many, a million by default
  ENDS      how many of every hundred records end a role, twice that many records report it; 1 by default, 50 at most
  --stream  sends the export through a named pipe, so that it never lies on the disk: for ten million. Only CPU and memory count then
  --help    says this
`;
const MOST = { seconds: 15, megabytes: 200 };
const { isStream, records, endsPerHundred } = given(help, (args) => {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { stream: { type: "boolean" } } });
  const [records = "1000000", endsPerHundred = "1"] = positionals;
  if (!(Number(records) > 0 && Number(endsPerHundred) >= 0 && Number(endsPerHundred) <= 50) || positionals.length > 2)
    throw new Error("RECORDS is a number above 0, ENDS one from 0 to 50.");
  return { isStream: values.stream === true, records, endsPerHundred };
});
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
