import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readSettingsFile } from "../../../../shared/settings/read.ts";
import { examine } from "../../../../tools/doctor/examine.ts";

const example = await readSettingsFile(
  fileURLToPath(new URL("../../../../local.settings.json.example", import.meta.url)),
);
const placeholders = ["CUTOFF_SECRET", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];

test("a copy of the example file is refused, each placeholder once, by the setting's name and never its value", async () => {
  const findings = await examine(example);
  const bad = findings.filter(({ state }) => state === "bad");
  expect(bad.map(({ what }) => what)).toEqual(
    placeholders.map((name) => `${name}: found the placeholder of local.settings.json.example.`),
  );
  for (const name of placeholders) expect(JSON.stringify(bad)).not.toContain(example[name]);
  expect(findings.filter(({ state }) => state !== "bad" && state !== "notLookedAt")).toEqual([]);
});

test("one that was forgotten is named alone", async () => {
  const given = { CUTOFF_SECRET: "a secret of at least thirty-two characters", AZURE_CLIENT_SECRET: "real" };
  const id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
  const findings = await examine({ ...example, ...given, AZURE_TENANT_ID: id });
  expect(findings.filter(({ state }) => state === "bad")).toMatchObject([
    { check: "settings", what: expect.stringContaining("AZURE_CLIENT_ID") },
  ]);
});
