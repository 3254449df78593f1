import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ONE_WEEK, ONE_WEEK_OF_CALLS } from "../../../fixtures/audit/one-week.ts";
import { temporaryFile } from "../../../fixtures/temporary-file.ts";

const MAIN = join(import.meta.dirname, "../../../../tools/replay/main.ts");

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (...args: readonly string[]) =>
  new Promise<Run>((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], (_, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
  });

test("the report alone on stdout, plain where there is no terminal", async () => {
  const { status, stdout, stderr } = await run(ONE_WEEK);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^Replay of 42 records/);
  expect(stdout).not.toContain("\x1b");
});

test("--json and --html show the same", async () => {
  const page = await temporaryFile("page.html", "");
  const { status, stdout, stderr } = await run("--json", "--html", page, "--activity", ONE_WEEK_OF_CALLS, ONE_WEEK);
  expect(status).toBe(0);
  expect(stderr).toMatch(new RegExp(`^The report is at ${page}; open it in a browser, e\\.g\\. \\S+ ${page}\n$`));
  expect(JSON.parse(stdout)).toMatchObject({ totals: { ends: 11, signOuts: 7 }, activity: { survivingCalls: 3 } });
  expect(await readFile(page, "utf8")).toContain("42 records of the directory audit log, all times UTC: 11 ends");
});

test("a new page can be read by its owner only", async () => {
  const page = join(await temporaryFile("x", ""), "../page.html");
  await run("--html", page, ONE_WEEK);
  expect((await stat(page)).mode & 0o777).toBe(0o600);
});

test("a reader who stops early, e.g. `| head`, is no error", async () => {
  const child = spawn(process.execPath, [MAIN, "--json", ONE_WEEK], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  const said = child.stderr.toArray();
  const [status] = await once(child, "close");
  expect(status).toBe(0);
  expect(await said).toEqual([]);
});

describe("a bad file beside a good one: the report stands, and the exit code shows it", () => {
  test.each([
    ["no export", [ONE_WEEK, MAIN], /main\.ts cannot be replayed: /],
    ["a file that is not there", [`${ONE_WEEK}.nope`, ONE_WEEK], /There is no file /],
    ["a log in the place of calls", ["--activity", ONE_WEEK, ONE_WEEK], /goes an export of MicrosoftGraphActivityLogs/],
  ])("%s", async (_, args, reason) => {
    const { status, stdout, stderr } = await run(...args);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^Replay of 42 records/);
    expect(stdout).not.toContain("What did outlive the role");
    expect(stderr).toMatch(reason);
  });
});

describe("exit codes", () => {
  test.each([
    ["the help", 0, ["--help"]],
    ["no file", 2, []],
    ["an unknown option", 2, ["--nope", ONE_WEEK]],
    ["a file that is not there", 1, [`${ONE_WEEK}.nope`]],
    ["a folder", 1, [import.meta.dirname]],
    ["no export", 1, [MAIN]],
    ["calls in the place of the log", 1, [ONE_WEEK_OF_CALLS]],
    ["a page in no folder", 1, ["--html", "/no/such/folder/page.html", ONE_WEEK]],
  ])("%s: %i", async (_, expected, args) => {
    const { status, stdout, stderr } = await run(...args);
    expect(status).toBe(expected);
    // A message for people: no stack, no names; and no half a report.
    expect(stderr).not.toMatch(/\n {4}at |contoso/);
    expect(stdout === "").toBe(expected !== 0);
    expect(stderr === "").toBe(expected === 0);
  });
});
