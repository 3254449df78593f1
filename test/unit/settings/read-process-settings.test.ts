import { afterEach, expect, test, vi } from "vitest";
import { readProcessSettings } from "../../../shared/settings/read.ts";

afterEach(() => vi.unstubAllEnvs());

test("the settings are those of this process", () => {
  vi.stubEnv("AzureWebJobsStorage", "UseDevelopmentStorage=true");
  vi.stubEnv("CUTOFF_MODE", "off");
  vi.stubEnv("CUTOFF_SECRET", "a secret of at least thirty-two characters");
  expect(readProcessSettings()).toMatchObject({ ok: true, settings: { policy: { mode: "off" } } });
});
