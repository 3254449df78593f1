import { useAzureMonitor } from "applicationinsights";
import { beforeEach, expect, test, vi } from "vitest";
import { connectInsights } from "../../../shared/telemetry/insights.ts";

vi.mock("applicationinsights");
beforeEach(() => void vi.clearAllMocks());

const connectionString = "InstrumentationKey=3f2504e0-4f89-11d3-9a0c-0305e82c3301";
const asked = () => vi.mocked(useAzureMonitor).mock.calls[0]?.[0];

test("the package is set to sample nothing and to collect nothing by itself", () => {
  connectInsights({ connectionString, localEndpoint: null }, null);
  expect(asked()).toMatchObject({
    samplingRatio: 1,
    tracesPerSecond: 0,
    enableTraceBasedSamplingForLogs: false,
    enableLiveMetrics: false,
    enableStandardMetrics: false,
    enablePerformanceCounters: false,
    enableAutoCollectExceptions: false,
  });
  const instrumentations = Object.values(asked()?.instrumentationOptions ?? {});
  expect(instrumentations.length).toBeGreaterThan(8);
  expect(instrumentations.filter(({ enabled }) => enabled !== false)).toEqual([]);
});

test("with an identity it proves itself by a token, encrypted; a key alone is in the connection string", () => {
  const credential = { getToken: async () => null };
  connectInsights({ connectionString, localEndpoint: null }, credential);
  expect(asked()?.azureMonitorExporterOptions).toEqual({ connectionString, credential });
});

test("only to this machine it may go unencrypted", () => {
  connectInsights({ connectionString, localEndpoint: "http://127.0.0.1:8400" }, null);
  expect(asked()?.azureMonitorExporterOptions).toMatchObject({
    host: "http://127.0.0.1:8400",
    allowInsecureConnection: true,
  });
});
