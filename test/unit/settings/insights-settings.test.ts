import { describe, expect, test } from "vitest";
import { insightsAuthentication, insightsConnection } from "../../../shared/settings/connections.ts";

const key = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
const connection = (text: string) => insightsConnection().safeParse(text);
const authentication = (text: string) => insightsAuthentication().safeParse(text);

describe("an Application Insights connection string", () => {
  test.each([
    [
      "of a region",
      `InstrumentationKey=${key};IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/`,
      null,
    ],
    ["of a national cloud, by its suffix", `InstrumentationKey=${key};EndpointSuffix=applicationinsights.us`, null],
    ["with a key alone", `instrumentationkey=${key}`, null],
    ["on this machine", `InstrumentationKey=${key};IngestionEndpoint=http://127.0.0.1:8400/`, "http://127.0.0.1:8400"],
  ])("%s", (_, text, localEndpoint) => {
    expect(connection(text).data).toEqual({ connectionString: text, localEndpoint });
  });

  test.each([
    ["without a key", "IngestionEndpoint=https://a", "InstrumentationKey"],
    ["with a key that is none", "InstrumentationKey=secret", "InstrumentationKey"],
    [
      "to somewhere else unencrypted",
      `InstrumentationKey=${key};IngestionEndpoint=http://a.example/`,
      "IngestionEndpoint",
    ],
    ["to no URL", `InstrumentationKey=${key};IngestionEndpoint=here`, "IngestionEndpoint"],
  ])("%s is refused by the name of the part, never showing it", (_, text, named) => {
    const [issue] = connection(text).error?.issues ?? [];
    expect(issue).toMatchObject({ params: { found: expect.stringContaining(named) } });
    expect(JSON.stringify(issue)).not.toMatch(/secret|here|a\.example/);
  });
});

describe("how the app proves itself to Application Insights", () => {
  test("by the system-assigned or a user-assigned identity", () => {
    expect(authentication("Authorization=AAD").data).toEqual({ clientId: undefined });
    expect(authentication(`ClientId=${key};Authorization=aad`).data).toEqual({ clientId: key });
  });

  test.each(["", "Authorization=ikey", `ClientId=${key}`, "Authorization=AAD;ClientId=me"])("not by %j", (text) => {
    expect(authentication(text).success).toBe(false);
  });
});
