import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
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

test("whoever goes on gets the page, the doctor with settings that the app takes, and the calls; keys and tokens are in files, and not said", async () => {
  const folder = dirname(await temporaryFile("settings.json", ""));
  await handOver(
    stack,
    { CUTOFF_MODE: "enforce", INCLUDED_PRINCIPALS: "all" },
    {
      door: "http://127.0.0.1:2",
      operatorToken: "the-token",
      folder,
    },
  );
  const said = lines.join("\n");
  expect(said).toContain("http://127.0.0.1:2/api/status is the status page");
  const file = (name: string) => join(folder, name);
  expect(said).toContain(`env $(cat ${file("identity.env")}) npm run doctor -- --settings ${file("settings.json")}`);
  expect(said).toContain(`/api/health -H @${file("function-key.txt")}`);
  expect(said).toContain(`/api/status -H @${file("operator.txt")}`);
  for (const secret of ["the-token", "the-key", "the-header"]) expect(said).not.toContain(secret);
  expect(await readFile(file("operator.txt"), "utf8")).toBe(
    "x-functions-key: the-key\nauthorization: Bearer the-token\n",
  );
  expect(await readFile(file("function-key.txt"), "utf8")).toBe("x-functions-key: the-key\n");
  expect(await readFile(file("identity.env"), "utf8")).toBe(
    `IDENTITY_ENDPOINT=${stack.tenant.url}/identity\nIDENTITY_HEADER=the-header\n`,
  );
  expect((await stat(file("operator.txt"))).mode & 0o077).toBe(0);
  expect(readSettings(await readSettingsFile(file("settings.json")))).toMatchObject({
    ok: true,
    settings: { policy: { mode: "enforce" } },
  });
  expect(await readFile(file("settings.json"), "utf8")).not.toContain("the-header");
});
