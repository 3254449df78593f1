import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { conditionKinds } from "../../../shared/operators/conditions.ts";
import { alarms } from "../../../shared/telemetry/names.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const runbook = await readFile(`${root}docs/operate.md`, "utf8");

test("the runbook has a part for each alert rule and each detection that is deployed", async () => {
  const rules = [
    ...(await readFile(`${root}infra/alerts/alerts.bicep`, "utf8")).matchAll(
      /\{\s+name: '([\w-]+)',?\s+(?:severity|operations)/g,
    ),
    ...(await readFile(`${root}infra/detection/sentinel.bicep`, "utf8")).matchAll(/^ {4}name: '([\w-]+)'$/gm),
  ].map(([, name]) => name);
  expect(rules.length).toBeGreaterThan(10);
  expect(rules.filter((name) => !runbook.includes(`\n### ${name}\n`))).toEqual([]);
});

test("the runbook has a row for each alarm, and for nothing else", () => {
  const rows = [...runbook.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(rows).toEqual(Object.keys(alarms).sort());
});

test("the runbook has a part for each state that health and the status page show", () => {
  expect(conditionKinds.filter((kind) => !runbook.includes(`\n### ${kind}\n`))).toEqual([]);
});

test("every query for an alert or a detection says at its head what it finds", async () => {
  for (const folder of ["alerts", "detection"]) {
    const names = (await readdir(`${root}infra/${folder}`)).filter((name) => name.endsWith(".kql"));
    for (const name of names)
      expect(await readFile(`${root}infra/${folder}/${name}`, "utf8"), name).toMatch(/^\/\/ \w/);
  }
});

test.each([
  ["auditsRefused", "Authentication_RequestFromNonPremiumTenantOrB2CTenant"],
  ["groupAccessRefused", "AadPremiumLicenseRequired"],
  ["readRefused", "AadPremiumLicenseRequired"],
  ["resyncRefused", "licence"],
])("without a licence the runbook sends no operator to a permission (%s)", (alarm, word) => {
  const row = runbook.split("\n").find((line) => line.startsWith(`| \`${alarm}\` |`));
  expect(row).toContain(word);
  expect(row).toContain("licence");
});

test("the questions do not promise that anything is found without a licence for PIM", async () => {
  const questions = await readFile(`${root}docs/faq.md`, "utf8");
  const [, answer = ""] = questions.match(/\n## Does it need Entra ID P2\?\n([^#]+)/) ?? [];
  expect(answer).toContain("refuses to watch");
  expect(answer).not.toMatch(/still found/);
});
