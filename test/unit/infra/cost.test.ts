import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { type Choice, linesOf, pollsInLog } from "../../../infra/cost/compute.ts";
import prices from "../../../infra/cost/prices.json" with { type: "json" };
import { computedPart } from "../../../infra/cost/write-table.ts";

const usual: Choice = { http: 1, principals: 1, resync: 1, heartbeat: 1, resyncSeconds: 10, alertMinutes: 5 };
const costOf = (choice: Choice, what: string) => linesOf(choice).find((line) => line.what === what)?.dollars;

test("docs/cost.md is what the script computes", async () => {
  const document = await readFile(new URL("../../../docs/cost.md", import.meta.url), "utf8");
  expect(document).toContain(`<!-- computed -->\n${computedPart()}\n<!-- end -->`);
});

test("an instance that is always ready costs its memory for the whole month", () => {
  const one = prices.instanceGB * prices.secondsAMonth * prices.alwaysReadyGBSecond;
  expect(costOf(usual, "always-ready instances")).toBeCloseTo(4 * one);
  expect(costOf({ ...usual, http: 0 }, "always-ready instances")).toBeCloseTo(3 * one);
});

test("a queue is polled only where an instance listens to it", () => {
  const alone = costOf({ ...usual, heartbeat: 0 }, "polling queues") ?? 0;
  expect(alone).toBeGreaterThan(0);
  expect(costOf(usual, "polling queues")).toBeGreaterThan(alone * 1.5);
});

test("the range of writes to Azure's log is shown apart, and grows with the polls", () => {
  const { dollars } = pollsInLog(usual);
  expect(dollars).toBeGreaterThan(0);
  expect(pollsInLog({ ...usual, heartbeat: 0 }).dollars).toBeLessThan(dollars);
});

test("what runs less often costs less, in proportion", () => {
  expect(costOf({ ...usual, resyncSeconds: 60 }, "logs")).toBeCloseTo((costOf(usual, "logs") ?? 0) / 6);
});

test("the rules that are counted are the rules that are deployed", async () => {
  const bicep = await readFile(new URL("../../../infra/alerts/alerts.bicep", import.meta.url), "utf8");
  expect(bicep.match(/loadTextContent/g)).toHaveLength(prices.alertRules);
});
