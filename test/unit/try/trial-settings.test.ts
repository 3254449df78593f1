import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { trialSettings } from "../../../local/try/trial-settings.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trial-"));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (values: object) => writeFile(join(folder, "local.settings.json"), JSON.stringify({ Values: values }));

test("the file's settings count, in report-only, with storage here and without subscriptions", async () => {
  await write({ AzureWebJobsStorage: "UseDevelopmentStorage=true", CUTOFF_SECRET: "s" });
  expect(await trialSettings(folder, { PATH: "/bin" }, "here")).toEqual({
    PATH: "/bin",
    CUTOFF_SECRET: "s",
    AzureWebJobsStorage: "here",
    CUTOFF_MODE: "reportOnly",
    GRAPH_SUBSCRIPTIONS: "off",
  });
});

test("the shell goes before the file, and subscriptions may be wanted", async () => {
  await write({ RESYNC_SECONDS: "30", GRAPH_SUBSCRIPTIONS: "on" });
  const env = await trialSettings(folder, { RESYNC_SECONDS: "10" }, "here");
  expect(env).toMatchObject({ RESYNC_SECONDS: "10", GRAPH_SUBSCRIPTIONS: "on" });
});

test.each(["enforce", "off", "Enforce"])("mode %s is refused: nobody is cut from here", async (mode) => {
  await write({ CUTOFF_MODE: mode });
  await expect(trialSettings(folder, {}, "here")).rejects.toMatchObject({ code: "trialRefused" });
  await write({});
  await expect(trialSettings(folder, { CUTOFF_MODE: mode }, "here")).rejects.toMatchObject({ code: "trialRefused" });
});

test("without the file it says which one to copy", async () => {
  await expect(trialSettings(folder, {}, "here")).rejects.toThrow(/Copy local\.settings\.json\.example/);
});
