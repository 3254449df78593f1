import { describe, expect, test } from "vitest";
import type { RawSettings } from "../../../../shared/settings/settings.ts";
import { jane, omar, problemsOf, settingsOf } from "./reading.ts";

describe("webhook", () => {
  const NOTIFY_WEBHOOK_SECRET = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
  const both = (NOTIFY_WEBHOOK_URL: string) => ({ NOTIFY_WEBHOOK_URL, NOTIFY_WEBHOOK_SECRET });

  test.each(["https://hooks.contoso.example/pim?flow=7", "http://127.0.0.1:8080/hook"])("may be %s", (url) => {
    const { notify } = settingsOf(both(url));
    expect(notify?.url).toBe(url);
    expect(Buffer.from(notify?.secret ?? [])).toEqual(Buffer.alloc(24, 7));
  });

  test.each<[string, RawSettings, string, string]>([
    ["not by https", both("http://hooks.contoso.example/"), "NOTIFY_WEBHOOK_URL", "a URL without https"],
    ["with a password", both("https://me:secret@hooks.example/"), "NOTIFY_WEBHOOK_URL", "a value of 32 characters"],
    ["no URL", both("hooks"), "NOTIFY_WEBHOOK_URL", "a value of 5 characters"],
    ["without a secret", { NOTIFY_WEBHOOK_URL: "https://a.example/" }, "NOTIFY_WEBHOOK_SECRET", "nothing"],
    ["without a URL", { NOTIFY_WEBHOOK_SECRET }, "NOTIFY_WEBHOOK_URL", "nothing"],
    [
      "with a short secret",
      { ...both("https://a.example/"), NOTIFY_WEBHOOK_SECRET: "whsec_AAAA" },
      "NOTIFY_WEBHOOK_SECRET",
      "a value of 10 characters",
    ],
  ])("%s is refused", (_, env, setting, found) => {
    expect(problemsOf(env)).toMatchObject([{ setting, found }]);
  });
});

describe("telemetry", () => {
  const APPLICATIONINSIGHTS_CONNECTION_STRING = `InstrumentationKey=${jane}`;

  test("goes to Application Insights with the key of the connection string, or as an identity", () => {
    expect(settingsOf({ APPLICATIONINSIGHTS_CONNECTION_STRING }).insights).toEqual({
      connectionString: APPLICATIONINSIGHTS_CONNECTION_STRING,
      localEndpoint: null,
      identity: null,
    });
    const APPLICATIONINSIGHTS_AUTHENTICATION_STRING = `Authorization=AAD;ClientId=${omar}`;
    const both = { APPLICATIONINSIGHTS_CONNECTION_STRING, APPLICATIONINSIGHTS_AUTHENTICATION_STRING };
    expect(settingsOf(both).insights?.identity).toEqual({ clientId: omar });
    expect(settingsOf({ APPLICATIONINSIGHTS_AUTHENTICATION_STRING }).insights).toBeNull();
  });
});
