import { expect, test, vi } from "vitest";
import { createTelemetry } from "../../../shared/telemetry/create-telemetry.ts";
import { canaries } from "../../fixtures/canaries.ts";

vi.mock("../../../shared/telemetry/insights.ts", () => {
  throw new Error("Nobody asked for Application Insights.");
});

test("without a connection string events and alarms are log lines, redacted, and nothing is loaded or left to send", async () => {
  const lines: string[] = [];
  const info = vi.spyOn(console, "log").mockImplementation((line) => void lines.push(line));
  const error = vi.spyOn(console, "error").mockImplementation((line) => void lines.push(line));
  const telemetry = createTelemetry(null);
  telemetry.event("resyncFailed", { code: "http503", requestId: canaries.mail });
  telemetry.alarm("readRefused", { code: canaries.token, status: 403 });
  telemetry.measure("graphCalls", 1, { result: "ok" });
  await telemetry.step("resync", { kind: "consumer" }, async (step) => step.set({ requestId: canaries.mail }));
  await telemetry.close();
  info.mockRestore();
  error.mockRestore();
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { event: "resyncFailed", code: "http503", requestId: "[redacted]" },
    { event: "readRefused", alarm: true, code: "[redacted]", status: 403 },
  ]);
});
