import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { trialSettings } from "../../../local/try/trial-settings.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trial-"));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (values: object) => writeFile(join(folder, "local.settings.json"), JSON.stringify({ Values: values }));

test("the file's settings count, in report-only and without subscriptions", async () => {
  await write({ CUTOFF_SECRET: "s" });
  expect(await trialSettings(folder, { PATH: "/bin" })).toEqual({
    PATH: "/bin",
    CUTOFF_SECRET: "s",
    CUTOFF_MODE: "reportOnly",
    GRAPH_SUBSCRIPTIONS: "off",
  });
});

test("the shell goes before the file, and subscriptions may be wanted", async () => {
  await write({ RESYNC_SECONDS: "30", GRAPH_SUBSCRIPTIONS: "on" });
  const env = await trialSettings(folder, { RESYNC_SECONDS: "10" });
  expect(env).toMatchObject({ RESYNC_SECONDS: "10", GRAPH_SUBSCRIPTIONS: "on" });
});

test.each(["enforce", "off", "Enforce"])("mode %s is refused: nobody is cut from here", async (mode) => {
  await write({ CUTOFF_MODE: mode });
  await expect(trialSettings(folder, {})).rejects.toMatchObject({ code: "trialRefused" });
  await write({});
  await expect(trialSettings(folder, { CUTOFF_MODE: mode })).rejects.toMatchObject({ code: "trialRefused" });
});

test("without the file it says which one to copy", async () => {
  await expect(trialSettings(folder, {})).rejects.toThrow(/Copy local\.settings\.json\.example/);
});

test("a copy that was not filled in is refused, by the names of its settings", async () => {
  const example = fileURLToPath(new URL("../../../local.settings.json.example", import.meta.url));
  await copyFile(example, join(folder, "local.settings.json"));
  await expect(trialSettings(folder, {})).rejects.toMatchObject({
    code: "trialRefused",
    message: expect.stringContaining("CUTOFF_SECRET, AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET:"),
  });
  await expect(trialSettings(folder, {})).rejects.toThrow(/^[^0]*$/);
});
