import { describe, expect, test } from "vitest";
import { readSettings } from "../../../shared/settings/read.ts";

const enough = { CUTOFF_SECRET: "0123456789abcdef0123456789abcdef", AzureWebJobsStorage__accountName: "pimcutoff" };

function subscriptionsOf(raw: Record<string, string>) {
  const reading = readSettings({ ...enough, ...raw });
  if (!reading.ok) throw new Error(reading.problems.map(({ setting }) => setting).join(", "));
  return reading.settings.subscriptions;
}

const problemsOf = (raw: Record<string, string>) => {
  const reading = readSettings({ ...enough, ...raw });
  return reading.ok ? [] : reading.problems.map(({ setting }) => setting);
};

test("the address is the app's own host name, unless a setting says another", () => {
  const WEBSITE_HOSTNAME = "pimcutoff.azurewebsites.net";
  expect(subscriptionsOf({ WEBSITE_HOSTNAME })?.baseUrl).toBe("https://pimcutoff.azurewebsites.net");
  expect(subscriptionsOf({ WEBSITE_HOSTNAME, NOTIFICATION_BASE_URL: "https://front.example/" })?.baseUrl).toBe(
    "https://front.example",
  );
  expect(subscriptionsOf({ WEBSITE_HOSTNAME: "localhost:7071" })?.baseUrl).toBe("http://localhost:7071");
});

test("there are none without an address, or when they are off", () => {
  expect(subscriptionsOf({})).toBeNull();
  expect(subscriptionsOf({ WEBSITE_HOSTNAME: "a.example", GRAPH_SUBSCRIPTIONS: "off" })).toBeNull();
});

test("beyond the quota one polls, or asks for all groups", () => {
  const WEBSITE_HOSTNAME = "a.example";
  expect(subscriptionsOf({ WEBSITE_HOSTNAME })?.beyondQuota).toBe("poll");
  expect(subscriptionsOf({ WEBSITE_HOSTNAME, GRAPH_SUBSCRIPTIONS: "allgroups" })?.beyondQuota).toBe("allGroups");
});

describe("an address that will not do is refused", () => {
  test.each([
    "http://front.example",
    "https://front.example/path",
    "https://front.example?code=1",
    "https://me@front.example",
    "front.example",
  ])("%s", (NOTIFICATION_BASE_URL) => {
    expect(problemsOf({ NOTIFICATION_BASE_URL })).toEqual(["NOTIFICATION_BASE_URL"]);
  });

  test("a host name with anything beside it", () => {
    expect(problemsOf({ WEBSITE_HOSTNAME: "a.example/path" })).toEqual(["WEBSITE_HOSTNAME"]);
  });
});
