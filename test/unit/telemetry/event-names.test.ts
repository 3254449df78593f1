import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { alarms, events, metrics } from "../../../shared/telemetry/names.ts";

const shared = fileURLToPath(new URL("../../../shared/", import.meta.url));

test("every event, alarm and metric that has a meaning is recorded somewhere", async () => {
  let sources = "";
  for await (const path of glob("**/*.ts", { cwd: shared })) {
    if (path !== "telemetry/names.ts") sources += await readFile(`${shared}${path}`, "utf8");
  }
  const isReported = (kind: string) => (name: string) => new RegExp(`\\b${kind}\\(\\s*"${name}"`).test(sources);
  expect(Object.keys(events).filter((name) => !isReported("event")(name))).toEqual([]);
  expect(Object.keys(metrics).filter((name) => !isReported("measure")(name))).toEqual([]);
  expect(Object.keys(alarms).filter((name) => !isReported("alarm")(name))).toEqual([]);
});

test("no name is both an event and an alarm", () => {
  expect(Object.keys(events).filter((name) => name in alarms)).toEqual([]);
});
