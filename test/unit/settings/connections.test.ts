import { describe, expect, test } from "vitest";
import { connectionString, insightsAuthentication, insightsConnection } from "../../../shared/settings/connections.ts";
import { jane, namesOf, problemsOf, settingsOf } from "./reading.ts";

describe("a storage connection string", () => {
  const key = "c2VjcmV0IGtleQ==";
  const parse = (text: string) => connectionString().safeParse(text);

  test.each([
    [
      "an account in Azure",
      `DefaultEndpointsProtocol=https;AccountName=pimcutoff;AccountKey=${key};EndpointSuffix=core.usgovcloudapi.net`,
      "https://pimcutoff.table.core.usgovcloudapi.net",
      "https://pimcutoff.queue.core.usgovcloudapi.net",
    ],
    [
      "the shortest form, with spaces, in any case and order",
      ` accountkey=${key}; accountname=pimcutoff ;`,
      "https://pimcutoff.table.core.windows.net",
      "https://pimcutoff.queue.core.windows.net",
    ],
    [
      "endpoints of their own",
      `AccountName=pimcutoff;AccountKey=${key};TableEndpoint=http://127.0.0.1:1/pimcutoff/;QueueEndpoint=http://127.0.0.1:2/pimcutoff`,
      "http://127.0.0.1:1/pimcutoff",
      "http://127.0.0.1:2/pimcutoff",
    ],
  ])("%s", (_, text, tableUrl, queueUrl) => {
    expect(parse(text).data).toEqual({
      kind: "sharedKey",
      accountName: "pimcutoff",
      accountKey: key,
      tableUrl,
      queueUrl,
    });
  });

  test.each([
    ["no account", `AccountKey=${key}`, "AccountName"],
    ["no key", "AccountName=pimcutoff", "AccountKey"],
    ["a key that is not base64", "AccountName=pimcutoff;AccountKey=secret!!", "AccountKey"],
    ["half a key", "AccountName=pimcutoff;AccountKey=c2Vjc", "AccountKey"],
    ["a shared access signature", "TableEndpoint=https://a;SharedAccessSignature=sv=1", "shared access signature"],
    [
      "an endpoint without encryption",
      `DefaultEndpointsProtocol=http;AccountName=pimcutoff;AccountKey=${key}`,
      "https",
    ],
    ["an endpoint that is no URL", `AccountName=pimcutoff;AccountKey=${key};TableEndpoint=here`, "https"],
    ["an endpoint with a signature", `AccountName=pimcutoff;AccountKey=${key};TableEndpoint=https://a?sig=x`, "https"],
  ])("%s is refused by name", (_, text, named) => {
    expect(parse(text).error?.issues).toMatchObject([{ params: { found: expect.stringContaining(named) } }]);
  });
});

const connection = (text: string) => insightsConnection().safeParse(text);
const authentication = (text: string) => insightsAuthentication().safeParse(text);

describe("an Application Insights connection string", () => {
  test.each([
    [
      "of a region",
      `InstrumentationKey=${jane};IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/`,
      null,
    ],
    ["of a national cloud, by its suffix", `InstrumentationKey=${jane};EndpointSuffix=applicationinsights.us`, null],
    ["with a key alone", `instrumentationkey=${jane}`, null],
    ["on this machine", `InstrumentationKey=${jane};IngestionEndpoint=http://127.0.0.1:8400/`, "http://127.0.0.1:8400"],
  ])("%s", (_, text, localEndpoint) => {
    expect(connection(text).data).toEqual({ connectionString: text, localEndpoint });
  });

  test.each([
    ["without a key", "IngestionEndpoint=https://a", "InstrumentationKey"],
    ["with a key that is none", "InstrumentationKey=secret", "InstrumentationKey"],
    [
      "to somewhere else unencrypted",
      `InstrumentationKey=${jane};IngestionEndpoint=http://a.example/`,
      "IngestionEndpoint",
    ],
    ["to no URL", `InstrumentationKey=${jane};IngestionEndpoint=here`, "IngestionEndpoint"],
  ])("%s is refused by the name of the part, never showing it", (_, text, named) => {
    const [issue] = connection(text).error?.issues ?? [];
    expect(issue).toMatchObject({ params: { found: expect.stringContaining(named) } });
    expect(JSON.stringify(issue)).not.toMatch(/secret|here|a\.example/);
  });
});

describe("how the app proves itself to Application Insights", () => {
  test("by the system-assigned or a user-assigned identity", () => {
    expect(authentication("Authorization=AAD").data).toEqual({ clientId: undefined });
    expect(authentication(`ClientId=${jane};Authorization=aad`).data).toEqual({ clientId: jane });
  });

  test.each(["", "Authorization=ikey", `ClientId=${jane}`, "Authorization=AAD;ClientId=me"])("not by %j", (text) => {
    expect(authentication(text).success).toBe(false);
  });
});

describe("the address of the app", () => {
  test("the address is the app's own host name, unless a setting says another", () => {
    const WEBSITE_HOSTNAME = "pimcutoff.azurewebsites.net";
    expect(settingsOf({ WEBSITE_HOSTNAME }).subscriptions?.baseUrl).toBe("https://pimcutoff.azurewebsites.net");
    expect(
      settingsOf({ WEBSITE_HOSTNAME, NOTIFICATION_BASE_URL: "https://front.example/" }).subscriptions?.baseUrl,
    ).toBe("https://front.example");
    expect(settingsOf({ WEBSITE_HOSTNAME: "localhost:7071" }).subscriptions?.baseUrl).toBe("http://localhost:7071");
  });
});

describe("an address that will not do is refused", () => {
  test.each([
    "http://front.example",
    "https://front.example/path",
    "https://front.example?code=1",
    "https://me@front.example",
    "front.example",
  ])("%s", (NOTIFICATION_BASE_URL) => {
    expect(namesOf({ NOTIFICATION_BASE_URL })).toEqual(["NOTIFICATION_BASE_URL"]);
  });

  test("a host name with anything beside it", () => {
    expect(namesOf({ WEBSITE_HOSTNAME: "a.example/path" })).toEqual(["WEBSITE_HOSTNAME"]);
  });
});

describe("the simulated tenant", () => {
  test.each(["http://127.0.0.1:8400", "http://localhost:8400/", "https://[::1]:8400"])(
    "calls may go to the simulated tenant at %s, with the cloud's scope",
    (endpoint) => {
      const { baseUrl, scope } = settingsOf({ GRAPH_ENDPOINT: endpoint }).graph;
      expect(baseUrl).toBe(endpoint.replace(/\/$/, ""));
      expect(scope).toBe("https://graph.microsoft.com/.default");
    },
  );

  test.each([
    "https://graph.microsoft.com",
    "http://10.0.0.1:8400",
    "http://localhost.evil.example",
    "http://127.0.0.1@evil.example",
    "http://127.0.0.1:8400/v1.0",
    "http://127.0.0.1:8400/?next=x",
    "ftp://127.0.0.1",
    "127.0.0.1:8400",
  ])("a token is never sent to %s", (endpoint) => {
    expect(namesOf({ GRAPH_ENDPOINT: endpoint })).toEqual(["GRAPH_ENDPOINT"]);
  });
});

describe("the address of a webhook", () => {
  const NOTIFY_WEBHOOK_SECRET = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
  const both = (NOTIFY_WEBHOOK_URL: string) => ({ NOTIFY_WEBHOOK_URL, NOTIFY_WEBHOOK_SECRET });

  test.each(["https://hooks.contoso.example/pim?flow=7", "http://127.0.0.1:8080/hook"])("may be %s", (url) => {
    const { notify } = settingsOf(both(url));
    expect(notify?.channels).toEqual([
      { number: 0, format: "standard", url, secrets: [Buffer.alloc(24, 7)], filter: new Set(["outcomes"]) },
    ]);
  });

  test.each([
    ["not by https", "http://hooks.contoso.example/", "a URL without https"],
    ["with a password", "https://me:secret@hooks.example/", "a value of 32 characters"],
    ["no URL", "hooks", "a value of 5 characters"],
  ])("%s is refused", (_, url, found) => {
    expect(problemsOf(both(url))).toMatchObject([{ setting: "NOTIFY_WEBHOOK_URL", found }]);
  });
});

describe("a service of the storage account", () => {
  const uris = {
    AzureWebJobsStorage__tableServiceUri: "https://a.table.core.chinacloudapi.cn/",
    AzureWebJobsStorage__queueServiceUri: "https://a.queue.core.chinacloudapi.cn",
  };

  test.each([
    ["without encryption", "http://a.table.core.windows.net"],
    ["with a signature", "https://a.table.core.windows.net?sig=x"],
  ])("%s is a problem", (_, uri) => {
    const setting = "AzureWebJobsStorage__tableServiceUri";
    expect(namesOf({ AzureWebJobsStorage__accountName: "", ...uris, [setting]: uri })).toEqual([setting]);
  });
});
