// node test/bench/replay-a-million.ts [RECORDS] [ENDS PER HUNDRED]: replays a synthetic export as `npm run replay` does, and says
// what it took. Exit code 1 above 30 s or 200 MB for a million records: the machine should have nothing else to do.
import { spawn, spawnSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";

const MOST = { seconds: 30, megabytes: 200 };
const [records = "1000000", endsPerHundred = "1"] = process.argv.slice(2);

const folder = await mkdtemp(join(tmpdir(), "replay-"));
try {
  const file = join(folder, "export.jsonl");
  const generator = spawn(process.execPath, [
    join(import.meta.dirname, "generate-audit-export.ts"),
    records,
    endsPerHundred,
  ]);
  await pipeline(generator.stdout, createWriteStream(file));
  const { seconds, megabytes, cpuSeconds } = await replay(file);
  const { size } = await stat(file);
  console.log(
    `${Number(records).toLocaleString("en-US")} records (${Math.round(size / 1e6)} MB), ${endsPerHundred} ends in every hundred: ` +
      `${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of CPU), ${megabytes} MB`,
  );
  if (seconds > MOST.seconds || megabytes > MOST.megabytes) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}

async function replay(file: string) {
  const { scripts } = z
    .object({ scripts: z.object({ replay: z.string() }) })
    .parse(JSON.parse(await readFile(join(import.meta.dirname, "../../package.json"), "utf8")));
  const [, ...args] = scripts.replay.split(" ");
  const begun = performance.now();
  const { stderr, status } = spawnSync(process.execPath, ["--import", "./test/bench/report-usage.ts", ...args, file], {
    cwd: join(import.meta.dirname, "../.."),
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  const seconds = (performance.now() - begun) / 1000;
  if (status !== 0) throw new Error(`The replay ended with ${status}: ${stderr}`);
  const usage = z.object({ megabytes: z.number(), cpuSeconds: z.number() }).parse(JSON.parse(stderr));
  return { seconds, ...usage };
}
