import { describe, expect, test } from "vitest";
import { namesOf, settingsOf } from "./reading.ts";

describe("Graph", () => {
  test.each([
    ["usGovL4", "https://graph.microsoft.us", "https://login.microsoftonline.us"],
    ["usGovL5", "https://dod-graph.microsoft.us", "https://login.microsoftonline.us"],
    ["china", "https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn"],
  ])("cloud %s", (cloud, baseUrl, authority) => {
    expect(settingsOf({ GRAPH_CLOUD: cloud }).graph).toEqual({
      cloud,
      baseUrl,
      authority,
      scope: `${baseUrl}/.default`,
    });
  });

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
