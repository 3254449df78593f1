import { randomUUID } from "node:crypto";
import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { redactingTelemetry } from "../../../shared/telemetry/create-telemetry.ts";
import { redacted, redactProperties } from "../../../shared/telemetry/redact.ts";
import { canaries } from "../../fixtures/canaries.ts";
import { coreApp } from "../../simulation/core-app.ts";
import { histories } from "../../simulation/histories.ts";
import { runHistory } from "../../simulation/run-history.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

test.each(Object.values(canaries))("whatever way it takes, %s does not pass", async (canary) => {
  const recorded: unknown[] = [];
  const telemetry = redactingTelemetry({
    event: (...all) => void recorded.push(all),
    alarm: (...all) => void recorded.push(all),
    measure: (...all) => void recorded.push(all),
    step(name, options, work) {
      recorded.push(name, options);
      return work({ set: (properties) => void recorded.push(properties) });
    },
    traceparent: () => undefined,
    close: async () => undefined,
  });
  telemetry.event("outcome", { principalId: canary, more: canary, count: 1 });
  telemetry.alarm("readRefused", { code: canary, requestId: canary });
  telemetry.measure("graphCalls", 1, { endpoint: canary });
  await telemetry.step(`GET users/${canary}`, { kind: "client", properties: { priority: canary } }, async (step) => {
    step.set({ requestId: canary, "http.response.status_code": 400 });
  });
  expect(recorded).toHaveLength(6);
  expect(JSON.stringify(recorded)).not.toContain(canary);
  expect(JSON.stringify(recorded)).toContain("400");
});

test("of what the app records in simulated histories nothing is lost: every text has a name and a form", {
  timeout: 120_000,
}, async () => {
  const names = new Set<string>();
  for (const history of fc.sample(histories, { numRuns: 60, seed: 7 })) {
    const { recorded } = await runHistory(history, coreApp());
    for (const { what, properties } of recorded) {
      const before: Readonly<Record<string, unknown>> = { ...properties, ...madeUp(properties) };
      expect({ what, ...redactProperties(before) }).toEqual({ what, ...before });
      for (const [name, value] of Object.entries(before)) if (typeof value === "string") names.add(name);
    }
  }
  expect(names.size).toBeGreaterThan(20);
});

/** Ids that the simulation makes in its own form. */
const madeUp = (properties: object): object =>
  Object.fromEntries(
    ["by", "operationId", "attemptId"].filter((name) => name in properties).map((name) => [name, randomUUID()]),
  );

test("nothing else writes to the console: what a person starts on their own machine does", async () => {
  const writers: string[] = [];
  for await (const path of glob("{functions,shared}/**/*.ts", { cwd: root })) {
    const isForAPerson = /^shared\/(?:doctor|replay)\//.test(path);
    if (!isForAPerson && /\bconsole\.|process\.std(?:out|err)/.test(await readFile(root + path, "utf8")))
      writers.push(path);
  }
  expect(writers).toEqual(["shared/telemetry/telemetry.ts"]);
  expect(redacted).toBe("[redacted]");
});
