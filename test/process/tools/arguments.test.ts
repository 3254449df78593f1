import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

const root = join(import.meta.dirname, "../../..");

/** As `package.json` starts them. */
describe.each([
  ["doctor", ["tools/doctor/main.ts"]],
  ["replay", ["tools/replay/main.ts"]],
  ["try", ["local/try/main.ts", "--build"]],
  ["simulate", ["test/simulation/main.ts"]],
])("npm run %s", (name, [program = "", ...fixed]) => {
  const run = (cwd: string, ...args: readonly string[]) =>
    spawnSync(process.execPath, [join(root, program), ...fixed, ...args], { cwd, encoding: "utf8", timeout: 20_000 });

  test.each(["--help", "-h"])("%s says what it takes", (option) => {
    const { status, stdout, stderr } = run(root, option);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`^npm run ${name}`));
    expect(stdout).toContain("--help");
  });

  test("an unknown option is refused with what it takes, and nothing is done", async () => {
    const folder = await mkdtemp(join(tmpdir(), "arguments-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { status, stdout, stderr } = run(folder, "--nonsense");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("--nonsense");
    expect(stderr).toContain(`npm run ${name}`);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(await readdir(folder)).toEqual([]);
  });
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
