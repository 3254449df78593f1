import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const hostJson = JSON.parse(await readFile(`${root}host.json`, "utf8"));
const { logLevel, applicationInsights } = hostJson.logging;

async function functionNames(): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const path of glob("functions/*.ts", { cwd: root })) {
    const source = await readFile(`${root}${path}`, "utf8");
    names.push(
      ...[...source.matchAll(/\bhost\.(?:http|timer|storageQueue|eventHub)\(\s*"(\w+)"/g)].flatMap(
        ([, name]) => name ?? [],
      ),
    );
  }
  return names;
}

describe("what the host itself writes to the workspace", () => {
  // Two lines and a request for each run of a ten-second timer are 26,000 items a day that say nothing.
  test("is failures only: not every run of every function", () => {
    expect(logLevel).toMatchObject({ default: "Warning", Function: "Warning", "Host.Results": "Error" });
    expect(applicationInsights).toEqual({ samplingSettings: { isEnabled: false }, enableDependencyTracking: false });
  });

  test("and what the app logs, for every function", async () => {
    const names = await functionNames();
    expect(names).toContain("principals");
    const shown = Object.keys(logLevel).filter((category) => category.endsWith(".User"));
    expect(shown.toSorted()).toEqual(names.map((name) => `Function.${name}.User`).toSorted());
  });

  // In mode OpenTelemetry the host's request telemetry cannot be filtered (azure-functions-host issue 11540).
  test("is not in OpenTelemetry's mode", () => {
    expect(hostJson).not.toHaveProperty("telemetryMode");
  });
});

// A signal of Graph must be acted upon within a second, and a pass needs most of it.
test("idle queues are asked four times a second, and an invocation may outlive its waits but not a lease by far", () => {
  expect(hostJson.extensions.queues).toMatchObject({ maxPollingInterval: "00:00:00.250", maxDequeueCount: 5 });
  expect(hostJson.functionTimeout).toBe("00:02:00");
});
