// npm run replay -- FILE...: shows the role ends in a tenant's own audit log. No network, no Azure, no credentials.

import { stat, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { styleText } from "node:util";
import { systemClock } from "../../shared/base/clock.ts";
import { plain } from "../plain.ts";
import { htmlReport } from "./output/html-report.ts";
import { jsonReport } from "./output/json-report.ts";
import { createProgress } from "./output/progress.ts";
import { textReport } from "./output/text-report.ts";
import { HELP, readArguments } from "./read-arguments.ts";
import { replay } from "./replay.ts";
import { ReplayError } from "./replay-error.ts";
import type { Report } from "./report.ts";

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ReplayError)) throw error;
  toStderr(error.message.trimEnd());
  process.exitCode = error.code === "usage" ? 2 : 1;
}

async function main(args: readonly string[]): Promise<void> {
  const { files, activityFiles, json, html, help } = readArguments(args);
  if (help) return print([HELP]);
  const progress = createProgress(await sizeOf([...files, ...activityFiles]), process.stderr, systemClock.monotonic);
  const report = await replay(files, activityFiles, progress.advance).finally(progress.clear);
  if (html !== null) await writePage(html, report);
  const bold = (heading: string) => styleText("bold", heading, { stream: process.stdout });
  await print(json ? jsonReport(report) : [textReport(report, bold)]);
  if (html !== null) toStderr(plain(`The report is at ${resolve(html)}; ${openingHint(resolve(html))}`));
  for (const { reason } of report.read.refused) toStderr(reason);
  if (report.read.refused.length > 0) process.exitCode = 1;
}

function toStderr(line: string): void {
  process.stderr.write(`${plain(line, "\n")}\n`);
}

/** The command that opens a page in the browser on this system. */
function openingHint(file: string): string {
  const commands: Partial<Record<NodeJS.Platform, string>> = { darwin: "open", win32: "start" };
  return `open it in a browser, e.g. ${commands[process.platform] ?? "xdg-open"} ${file.includes(" ") ? `"${file}"` : file}`;
}

/** A file that cannot be read counts as empty here: reading it reports the error. */
async function sizeOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.allSettled(files.map((file) => stat(file)));
  return sizes.reduce((sum, size) => sum + (size.status === "fulfilled" ? size.value.size : 0), 0);
}

async function writePage(file: string, report: Report): Promise<void> {
  try {
    // The report names people.
    await writeFile(file, htmlReport(report), { mode: 0o600 });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    throw new ReplayError("cannotWrite", `${plain(file)} cannot be written${code}.`, { cause: error });
  }
}

async function print(parts: Iterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(parts), process.stdout, { end: false });
  } catch (error) {
    // The reader of the output has closed it, e.g. `| head`.
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  }
}
