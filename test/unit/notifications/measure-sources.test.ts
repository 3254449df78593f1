import { expect, test } from "vitest";
import { measureSources, type SourceHealth } from "../../../shared/notifications/source-health.ts";
import { StorageUnavailableError } from "../../../shared/storage/table.ts";

async function measured(read: () => Promise<SourceHealth>) {
  const values: unknown[] = [];
  const measure = (name: string, value: number, dimensions = {}) => void values.push({ name, value, ...dimensions });
  await measureSources({ directoryAuditCatchUp: read }, { telemetry: { measure } });
  return values;
}

test.each([
  ["proven", 1],
  ["unproven", 1],
  ["unsupported", 1],
  ["failing", 0],
] as const)("a source that is %s counts %i", async (state, value) => {
  expect(await measured(async () => ({ state, lastAt: null, detail: null }))).toEqual([
    { name: "sourceHealthy", value, source: "directoryAuditCatchUp", state },
  ]);
});

test("a record that cannot be read is a source that fails; another error is none of its business", async () => {
  const unavailable = new StorageUnavailableError("Storage did not answer.", { cause: undefined });
  expect(await measured(() => Promise.reject(unavailable))).toMatchObject([{ value: 0, state: "unreadable" }]);
  await expect(measured(() => Promise.reject(new TypeError("a defect")))).rejects.toThrow("a defect");
});
