import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reportExposure } from "../../tools/doctor/report-exposure.ts";
import { reportText } from "../../tools/doctor/report-text.ts";
import { jsonReport } from "../../tools/replay/output/json-report.ts";
import { replay } from "../../tools/replay/replay.ts";
import { ReplayError } from "../../tools/replay/replay-error.ts";
import { ONE_WEEK, ONE_WEEK_OF_CALLS } from "../fixtures/audit/one-week.ts";

/** Clears the screen, sets the window's title, says it in one byte, turns the text around, and begins a line of its own. */
const hostile = "\u001b[2J\u001b]0;x\u0007\u009b2J\u202e\u2028\r\nBAD  storage  all is lost";
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const isPrintable = (text: string) => text.split("\n").every((line) => !unprintable.test(line));

describe("the doctor prints no control characters", () => {
  const finding = { check: `scope${hostile}`, what: `The role ${hostile} is unknown.`, why: hostile, fix: hostile };

  test("of what it found, e.g. in the name of a role", () => {
    const text = reportText([{ ...finding, state: "bad" }], (_, said) => said);
    expect(isPrintable(text)).toBe(true);
    expect(text.split("\n").filter((line) => line.startsWith("BAD"))).toEqual([]);
    expect(text).toContain("The role \u{fffd}[2J");
  });

  test("of what a place answered with", () => {
    const refusal = { at: 0, status: 401, code: hostile, requestId: hostile };
    const exposure = { client: hostile, target: hostile, lastSuccess: null, firstRefusal: refusal, livedOut: false };
    const text = reportExposure([exposure]);
    expect(text.split("\n")).toHaveLength(1);
    expect(isPrintable(text)).toBe(true);
  });
});

describe("replay prints no control characters", () => {
  test("of the name of a file that is not there", async () => {
    await expect(replay([`/no-such-folder/a${hostile}`], [], () => {})).rejects.toSatisfy(
      (error) => error instanceof ReplayError && isPrintable(error.message) && !error.message.includes("\n"),
    );
  });

  test("of the name of a file that is no export", async () => {
    const folder = await mkdtemp(join(tmpdir(), "replay-"));
    const file = join(folder, `a${hostile.replaceAll("/", "")}`);
    await writeFile(file, "[1]");
    for (const read of [replay([file], [], () => {}), replay([ONE_WEEK], [file], () => {})]) {
      const text = await read.then(
        ({ read }) => read.refused.map(({ reason }) => reason).join("\n"),
        (error: unknown) => (error instanceof ReplayError ? error.message : ""),
      );
      expect(text).toContain("cannot be replayed");
      expect(isPrintable(text)).toBe(true);
      expect(text.split("\n").filter((line) => line.startsWith("BAD"))).toEqual([]);
    }
  });

  test("in JSON, which says the same all the same", async () => {
    const report = await replay([ONE_WEEK], [ONE_WEEK_OF_CALLS], () => {});
    const [privilege, ...others] = report.privileges;
    if (privilege === undefined) throw new Error("There should be a privilege.");
    const name = `${hostile}\u{e0041}`;
    const named = { ...report, privileges: [{ ...privilege, name }, ...others] };
    const text = [...jsonReport(named)].join("");
    expect(isPrintable(text)).toBe(true);
    expect(JSON.parse(text)).toMatchObject({ privileges: [{ name }, ...others.map(({ name }) => ({ name }))] });
  });
});
