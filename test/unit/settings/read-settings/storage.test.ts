import { describe, expect, test } from "vitest";
import { readSettings } from "../../../../shared/settings/read.ts";
import type { RawSettings } from "../../../../shared/settings/settings.ts";
import { CUTOFF_SECRET, jane, settingsOf, storage } from "./reading.ts";

describe("storage", () => {
  const alone = (env: RawSettings) => readSettings({ CUTOFF_SECRET, ...env });
  const uris = {
    AzureWebJobsStorage__tableServiceUri: "https://a.table.core.chinacloudapi.cn/",
    AzureWebJobsStorage__queueServiceUri: "https://a.queue.core.chinacloudapi.cn",
  };

  test("by service URIs and a user-assigned identity", () => {
    const reading = alone({
      ...uris,
      AzureWebJobsStorage__clientId: jane,
      AzureWebJobsStorage__credential: "managedidentity",
    });
    expect(reading).toMatchObject({
      settings: {
        storage: {
          kind: "identity",
          clientId: jane,
          tableUrl: "https://a.table.core.chinacloudapi.cn",
          queueUrl: "https://a.queue.core.chinacloudapi.cn",
        },
      },
    });
  });

  test("a service URI goes before the account's name", () => {
    const { AzureWebJobsStorage__tableServiceUri } = uris;
    expect(settingsOf({ AzureWebJobsStorage__tableServiceUri }).storage).toMatchObject({
      tableUrl: "https://a.table.core.chinacloudapi.cn",
      queueUrl: "https://pimcutoff.queue.core.windows.net",
    });
  });

  test("by connection string", () => {
    expect(alone({ AzureWebJobsStorage: "UseDevelopmentStorage=true" })).toMatchObject({
      settings: { storage: { kind: "sharedKey", tableUrl: "http://127.0.0.1:10002/devstoreaccount1" } },
    });
  });

  test.each<[string, RawSettings, string]>([
    ["nothing", {}, "AzureWebJobsStorage__accountName"],
    [
      "only the table's URI",
      { AzureWebJobsStorage__tableServiceUri: "https://a.table.core.windows.net" },
      "AzureWebJobsStorage__queueServiceUri",
    ],
    [
      "only the queue's URI",
      { AzureWebJobsStorage__queueServiceUri: "https://a.queue.core.windows.net" },
      "AzureWebJobsStorage__tableServiceUri",
    ],
    ["two ways", { ...storage, AzureWebJobsStorage: "UseDevelopmentStorage=true" }, "AzureWebJobsStorage"],
    ["a wrong name", { AzureWebJobsStorage__accountName: "Wrong" }, "AzureWebJobsStorage__accountName"],
    ["another credential", { ...storage, AzureWebJobsStorage__credential: "x" }, "AzureWebJobsStorage__credential"],
    [
      "a URI without encryption",
      { ...uris, AzureWebJobsStorage__tableServiceUri: "http://a.table.core.windows.net" },
      "AzureWebJobsStorage__tableServiceUri",
    ],
    [
      "a URI with a signature",
      { ...uris, AzureWebJobsStorage__tableServiceUri: "https://a.table.core.windows.net?sig=x" },
      "AzureWebJobsStorage__tableServiceUri",
    ],
  ])("%s is a problem", (_, env, setting) => {
    const reading = alone(env);
    expect(reading.ok ? [] : reading.problems.map((problem) => problem.setting)).toEqual([setting]);
  });
});
