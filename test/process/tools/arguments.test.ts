import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";

const root = join(import.meta.dirname, "../../..");

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile(join(root, "package.json"), "utf8")));

/** Every npm command that is a program of ours, as `package.json` starts it. Those of Biome and TypeScript have their own help. */
const commands = Object.entries(scripts).filter(
  ([name, script]) => !name.startsWith("pre") && script.startsWith("node "),
);
const isOfTests = (name: string) => name === "test" || name.startsWith("test:");

function run(script: string, cwd: string, ...args: readonly string[]) {
  const given = script.split(" ").slice(1);
  const program = given.map((one) => (one.endsWith(".ts") ? join(root, one) : one));
  return spawnSync(process.execPath, [...program, ...args], { cwd, encoding: "utf8", timeout: 20_000 });
}

test("every npm command is a program of ours, or one of Biome and TypeScript", () => {
  const others = Object.keys(scripts).filter((name) => !commands.some(([ours]) => ours === name));
  expect(others.filter((name) => !name.startsWith("pre"))).toEqual(["lint", "format", "typecheck"]);
  expect(commands.every(([, script]) => !script.includes("&&"))).toBe(true);
});

/** Programs of ours that documents start without npm. */
const programs = [
  "infra/cost/measure.ts",
  "infra/cost/write-table.ts",
  "local/host/main.ts",
  "local/tenant/main.ts",
  "test/bench/generate-audit-export.ts",
  "test/bench/replay-a-million.ts",
];

describe.each(programs)("node %s", (program) => {
  test.each(["--help", "-h"])("%s says what it takes, and does nothing else", (option) => {
    const { status, stdout, stderr } = run(`node ${program}`, root, option);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.startsWith(`node ${program}`)).toBe(true);
    expect(stdout).toContain("--help");
  });

  test("an unknown option is refused with what it takes", () => {
    const { status, stdout, stderr } = run(`node ${program}`, root, "--nonsense");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("--nonsense");
    expect(stderr).toContain(`\nnode ${program}`);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe.each(commands)("npm run %s", (name, script) => {
  test.each(["--help", "-h"])("%s says what it takes, and does nothing else", (option) => {
    const { status, stdout, stderr } = run(script, root, option);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^npm (?:run |start|test)/);
    expect(stdout).toContain(name.replace(/^test:.*/, "test:"));
    expect(stdout).toContain("--help");
  });
});

describe.each(commands.filter(([name]) => !isOfTests(name)))("npm run %s", (_, script) => {
  test("an unknown option is refused with what it takes, and nothing is done", async () => {
    const folder = await mkdtemp(join(tmpdir(), "arguments-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { status, stdout, stderr } = run(script, folder, "--nonsense");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("--nonsense");
    expect(stderr).toMatch(/^npm (?:run |start)/m);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(await readdir(folder)).toEqual([]);
  });
});

test("an unknown option of the tests is refused by Vitest, to which it goes", () => {
  const { status, stderr } = run(scripts["test:unit"] ?? "", root, "--nonsense");
  expect(status).toBe(1);
  expect(stderr).toContain("--nonsense");
});

test("try without settings says so before it builds or starts anything", async () => {
  const folder = await mkdtemp(join(tmpdir(), "try-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { status, stderr } = spawnSync(process.execPath, [join(root, "local/try/main.ts"), "--build"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringMatching(/^There is no local\.settings\.json/),
  });
  expect(await readdir(folder)).toEqual([]);
});
