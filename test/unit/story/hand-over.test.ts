import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { handOver } from "../../../local/story/hand-over.ts";
import { readSettings, readSettingsFile } from "../../../shared/settings/read.ts";
import { temporaryFile } from "../../fixtures/temporary-file.ts";
import { stack } from "./fake-stack.ts";

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => vi.restoreAllMocks());

test("whoever goes on gets the page, the doctor with settings that the app takes, and the calls with their keys", async () => {
  const file = await temporaryFile("settings.json", "");
  await handOver(
    stack,
    { CUTOFF_MODE: "enforce", INCLUDED_PRINCIPALS: "all" },
    {
      door: "http://127.0.0.1:2",
      operatorToken: "the-token",
      settingsFile: file,
    },
  );
  const said = lines.join("\n");
  expect(said).toContain("http://127.0.0.1:2/api/status is the status page");
  expect(said).toContain(
    `IDENTITY_ENDPOINT=${stack.tenant.url}/identity IDENTITY_HEADER=the-header npm run doctor -- --settings ${file}`,
  );
  expect(said).toContain("-H 'x-functions-key: the-key' -H 'authorization: Bearer the-token'");
  expect(readSettings(await readSettingsFile(file))).toMatchObject({
    ok: true,
    settings: { policy: { mode: "enforce" } },
  });
  expect(await readFile(file, "utf8")).not.toContain("the-header");
});
