import { expect, test } from "vitest";
import { judgeSettings } from "../../../../tools/doctor/checks/settings.ts";
import { settingsOf } from "../../settings/reading.ts";

const stream = {
  AUDIT_EVENTHUB_NAME: "hub",
  AUDIT_EVENTHUB__fullyQualifiedNamespace: "pimcutoff.servicebus.windows.net",
};
const key = { AzureWebJobsStorage: "UseDevelopmentStorage=true", AzureWebJobsStorage__accountName: undefined };

test.each([
  ["says that all that need one have one", { ALWAYS_READY: "http,principals,resync,heartbeat" }, undefined],
  ["says that it keeps none for known ends", { ALWAYS_READY: "http,heartbeat" }, "kept ready for principals."],
  ["says that it keeps none for the heartbeat", { ALWAYS_READY: "principals" }, "kept ready for heartbeat."],
  [
    "says nothing of the stream that it has",
    { ALWAYS_READY: "principals, heartbeat", ...stream },
    "for directoryAuditStream.",
  ],
  ["says nothing at all", {}, "ALWAYS_READY is not set"],
  ["is a machine of one's own", key, undefined],
])("a deployment that %s", (_, env, warning) => {
  const warnings = judgeSettings(settingsOf(env)).flatMap(({ state, what }) =>
    state === "warning" && what.includes("ALWAYS_READY") ? [what] : [],
  );
  expect(warnings).toEqual(warning === undefined ? [] : [expect.stringContaining(warning)]);
});
