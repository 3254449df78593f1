import { expect, test } from "vitest";
import { resolveReferences } from "../../../../tools/doctor/resolve-references.ts";

const reference = "@Microsoft.KeyVault(VaultName=a;SecretName=cutoff-secret)";

test("a reference yields to the value in the environment, and to nothing else", () => {
  const listed = { CUTOFF_SECRET: reference, NOTIFY_WEBHOOK_SECRET: reference, CUTOFF_MODE: "enforce" };
  const environment = { CUTOFF_SECRET: "the value", CUTOFF_MODE: "off", CUTOFF_STOP: "true" };
  expect(resolveReferences(listed, environment)).toEqual({
    CUTOFF_SECRET: "the value",
    NOTIFY_WEBHOOK_SECRET: reference,
    CUTOFF_MODE: "enforce",
  });
});
