import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { spawnListening } from "../../../local/stack/spawn-listening.ts";
import { temporaryFile } from "../../fixtures/temporary-file.ts";

const script = (source: string) => temporaryFile("script.mjs", source);
const listens = 'console.log(JSON.stringify({ event: "listening", port: 7, given: process.argv[2] }));';

test("resolves with the line that it prints when it listens, and stops it in order", async () => {
  const source = `process.on("SIGTERM", () => process.exit(3)); setInterval(() => {}, 1000); ${listens}`;
  const running = await spawnListening(await script(source), ["word"]);
  expect(running.listening).toEqual({ event: "listening", port: 7, given: "word" });
  await running.stop();
  expect(await running.exited).toBe(3);
});

test("kills it as a crash would", async () => {
  const source = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); ${listens}`;
  const running = await spawnListening(await script(source), []);
  await running.kill();
  expect(await running.exited).toBeNull();
});

test("says what it last said when it ends before it listens", async () => {
  const source = 'console.error("no such port"); process.exitCode = 4;';
  await expect(spawnListening(await script(source), [])).rejects.toThrow(
    /ended with 4 before it listened:\nno such port/,
  );
});

test("has it take from a cache what an earlier start has compiled", async () => {
  const source = `import { getCompileCacheDir } from "node:module";
    console.log(JSON.stringify({ cache: getCompileCacheDir() ?? null })); setInterval(() => {}, 1000);`;
  const running = await spawnListening(await script(source), [], { env: { PATH: process.env.PATH } });
  expect(running.listening).toEqual({ cache: expect.stringMatching(/compile-cache/) });
  await running.kill();
});

test("keeps what it says on stderr in a file", async () => {
  const log = await temporaryFile("log.txt", "");
  const running = await spawnListening(
    await script(`console.error("hello"); ${listens} setInterval(() => {}, 1000);`),
    [],
    { log },
  );
  await running.stop();
  await expect.poll(() => readFile(log, "utf8")).toBe("hello\n");
});

test("keeps what comes after its exit as well, and has ended only then", async () => {
  const log = await temporaryFile("log.txt", "");
  // Whoever shares its stderr is as late as a reader that is busy.
  const late = `["-e", 'setTimeout(() => console.error("last"), 100)'], { stdio: ["ignore", "ignore", "inherit"] }`;
  const source = `import { spawn } from "node:child_process"; setInterval(() => {}, 1000);
    process.on("SIGTERM", () => { spawn(process.execPath, ${late}); process.exit(0); }); ${listens}`;
  const running = await spawnListening(await script(source), [], { log });
  await running.stop();
  await expect.poll(() => readFile(log, "utf8")).toBe("last\n");
});
