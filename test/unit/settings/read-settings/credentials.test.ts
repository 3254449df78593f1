import { describe, expect, test } from "vitest";
import type { RawSettings } from "../../../../shared/settings/settings.ts";
import { CUTOFF_SECRET, jane, namesOf, omar, problemsOf, settingsOf } from "./reading.ts";

describe("secret", () => {
  const previous = `${CUTOFF_SECRET}, long ago`;

  test("there may be one before it", () => {
    expect(settingsOf({ CUTOFF_SECRET_PREVIOUS: previous }).secrets).toEqual({ current: CUTOFF_SECRET, previous });
  });

  test.each<[string, RawSettings, string, string]>([
    ["none", { CUTOFF_SECRET: " " }, "CUTOFF_SECRET", "nothing"],
    ["a short one", { CUTOFF_SECRET: "x".repeat(31) }, "CUTOFF_SECRET", "a value of 31 characters"],
    ["a short one before", { CUTOFF_SECRET_PREVIOUS: "x" }, "CUTOFF_SECRET_PREVIOUS", "a value of 1 characters"],
    [
      "a reference to a key vault that nobody resolved",
      { CUTOFF_SECRET: "@Microsoft.KeyVault(SecretUri=https://a.vault.azure.net/secrets/cutoff)" },
      "CUTOFF_SECRET",
      "a reference that was not resolved",
    ],
    [
      "the same twice",
      { CUTOFF_SECRET_PREVIOUS: CUTOFF_SECRET },
      "CUTOFF_SECRET_PREVIOUS",
      "the same secret as in CUTOFF_SECRET",
    ],
  ])("%s is refused and not shown", (_, env, setting, found) => {
    expect(problemsOf(env)).toMatchObject([{ setting, found }]);
  });
});

describe("credential", () => {
  const app = { AZURE_TENANT_ID: jane, AZURE_CLIENT_ID: omar };

  test("a client id alone is a user-assigned identity", () => {
    expect(settingsOf({ AZURE_CLIENT_ID: omar.toUpperCase() }).credential).toEqual({
      kind: "managedIdentity",
      clientId: omar,
    });
  });

  test("an app may prove itself by secret or certificate, in its cloud", () => {
    const registration = { tenantId: jane, clientId: omar };
    expect(settingsOf({ ...app, AZURE_CLIENT_SECRET: "s3cret", GRAPH_CLOUD: "china" }).credential).toEqual({
      kind: "clientSecret",
      ...registration,
      authorityHost: "https://login.chinacloudapi.cn",
      clientSecret: "s3cret",
    });
    expect(settingsOf({ ...app, AZURE_CLIENT_CERTIFICATE_PATH: "/app.pem" }).credential).toEqual({
      kind: "clientCertificate",
      ...registration,
      authorityHost: "https://login.microsoftonline.com",
      certificatePath: "/app.pem",
    });
  });

  test("a secret or certificate needs tenant and client id", () => {
    expect(namesOf({ AZURE_CLIENT_SECRET: "s" })).toEqual(["AZURE_TENANT_ID", "AZURE_CLIENT_ID"]);
    expect(namesOf({ AZURE_CLIENT_CERTIFICATE_PATH: "/a", AZURE_TENANT_ID: jane })).toEqual(["AZURE_CLIENT_ID"]);
  });

  test("secret and certificate together are refused", () => {
    expect(namesOf({ ...app, AZURE_CLIENT_SECRET: "s", AZURE_CLIENT_CERTIFICATE_PATH: "/a" })).toEqual([
      "AZURE_CLIENT_SECRET",
    ]);
  });
});
