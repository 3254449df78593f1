import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const doctor = fileURLToPath(new URL("../../../../tools/doctor/main.ts", import.meta.url));
const CUTOFF_SECRET = "a secret of at least thirty-two characters";

/** Nothing gives a token there, and nothing else would be reached. */
const withoutToken = {
  IDENTITY_ENDPOINT: "http://127.0.0.1:9/token",
  IDENTITY_HEADER: "nobody",
  GRAPH_ENDPOINT: "http://127.0.0.1:9",
  GRAPH_SUBSCRIPTIONS: "off",
  AzureWebJobsStorage__accountName: "pimcutoff",
  CUTOFF_SECRET,
};

function examined(settings: Readonly<Record<string, string>>, ...args: string[]) {
  const env = { PATH: process.env.PATH, ...settings };
  return spawnSync(process.execPath, [doctor, ...args], { encoding: "utf8", env });
}

test("without a token one thing is bad, and every check that needs one is not made", () => {
  const { stdout, status } = examined(withoutToken, "--json", "--prove", "3f2504e0-4f89-11d3-9a0c-0305e82c3301");
  const { findings, counts } = JSON.parse(stdout);
  const of = (state: string) =>
    findings
      .filter((finding: { readonly state: string }) => finding.state === state)
      .map(({ check }: { readonly check: string }) => check);
  expect(status).toBe(1);
  expect(of("bad")).toEqual(["token"]);
  expect(of("notLookedAt")).toEqual(["permissions", "graph", "clock", "storage", "scope", "prove"]);
  expect(of("unknown")).toEqual([]);
  expect(findings).toContainEqual({ check: "graph", state: "notLookedAt", what: "not looked at: no token" });
  expect(counts).toMatchObject({ bad: 1, notLookedAt: 6, unknown: 0 });
});

test("a bad client secret is one cause as well, though storage has an identity of its own", () => {
  const { IDENTITY_ENDPOINT: _, IDENTITY_HEADER: __, ...others } = withoutToken;
  const secret = {
    AZURE_TENANT_ID: "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    AZURE_CLIENT_ID: "3f2504e0-4f89-11d3-9a0c-0305e82c3302",
    AZURE_CLIENT_SECRET: "of nobody",
    AZURE_AUTHORITY_HOST: "https://127.0.0.1:9",
  };
  const { stdout, status } = examined({ ...others, ...secret }, "--json");
  const { findings } = JSON.parse(stdout);
  expect(status).toBe(1);
  expect(findings.filter(({ state }: { readonly state: string }) => state === "bad")).toMatchObject([
    { check: "token" },
  ]);
});

test("neither an address nor a channel that does not answer is a second cause", () => {
  const channel = { NOTIFY_1_FORMAT: "slack", NOTIFY_1_URL: "http://127.0.0.1:9/x" };
  const { GRAPH_SUBSCRIPTIONS: _, ...settings } = withoutToken;
  const { stdout } = examined({ ...settings, ...channel, NOTIFICATION_BASE_URL: "http://127.0.0.1:9" }, "--json");
  const { findings } = JSON.parse(stdout);
  const of = (state: string) =>
    findings
      .filter((finding: { readonly state: string }) => finding.state === state)
      .map(({ check }: { readonly check: string }) => check);
  expect(of("bad")).toEqual(["token"]);
  expect(of("notLookedAt")).toEqual(expect.arrayContaining(["endpoint", "subscriptions", "channels"]));
});

test("the last line counts what was not run", () => {
  const { stdout, status } = examined(withoutToken);
  expect(status).toBe(1);
  expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/^1 bad, 5 not looked at, /);
});

test("with bad settings nothing else is run, which is counted", () => {
  const { stdout, status } = examined({ ...withoutToken, CUTOFF_SECRET: "" });
  expect(status).toBe(1);
  expect(stdout).toContain("not looked at: the settings are bad");
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("1 bad, 10 not looked at, 0 to note, 0 unknown, 0 ok");
});
