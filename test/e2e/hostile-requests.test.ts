import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../local/stack/free-port.ts";
import { readHealth } from "./support/health.ts";
import { revokeRequests } from "./support/history.ts";
import { startReachableHost } from "./support/reachable-host.ts";
import { createRoleGroup, subscribed } from "./support/watched-group.ts";
import { type LoggingHost, openWorld, type World } from "./support/world.ts";

/** Milliseconds: Graph's own deadline, with the machine shared by other tests. */
const soon = 3000;

let world: World;
let host: LoggingHost;
let address: string;
let good: Record<string, unknown>;
let foreignState: string;

beforeAll(async () => {
  world = await openWorld("attacked");
  host = await startReachableHost(world, await freePort());
  address = `${host.url}/api/graph/notifications`;
  const [first, second] = [await createRoleGroup(world, 1), await createRoleGroup(world, 1)];
  const { id, clientState } = await subscribed(world, first);
  foreignState = (await subscribed(world, second)).clientState ?? "";
  good = {
    subscriptionId: id,
    clientState,
    changeType: "updated",
    resource: `Groups/${first.groupId}`,
    tenantId: world.tenant.tenantId,
    resourceData: { id: first.groupId },
  };
});

afterAll(() => world[Symbol.asyncDispose]());

const json = { "Content-Type": "application/json" };
const items = (...value: unknown[]) => ({ headers: json, body: JSON.stringify({ value }) });
const stranger = "00000000-0000-4000-8000-00000000beef";

const attacks: readonly {
  readonly attack: string;
  readonly status: number;
  readonly query?: string;
  readonly request: () => { readonly headers?: Record<string, string>; readonly body?: string };
}[] = [
  { attack: "a forged client state", status: 202, request: () => items({ ...good, clientState: "forged" }) },
  {
    attack: "the right client state of another subscription",
    status: 202,
    request: () => items({ ...good, clientState: foreignState }),
  },
  { attack: "another tenant", status: 202, request: () => items({ ...good, tenantId: stranger }) },
  { attack: "an unknown subscription id", status: 202, request: () => items({ ...good, subscriptionId: stranger }) },
  { attack: "a replayed notification", status: 202, request: () => items(...Array.from({ length: 50 }, () => good)) },
  { attack: "a body of 10 MB", status: 413, request: () => ({ headers: json, body: "x".repeat(10_000_000) }) },
  { attack: "100,000 items", status: 400, request: () => items(...Array.from({ length: 100_000 }, () => 0)) },
  { attack: "deeply nested JSON", status: 400, request: () => ({ headers: json, body: "[".repeat(500_000) }) },
  {
    attack: "a wrong content type",
    status: 415,
    request: () => ({ headers: { "Content-Type": "text/html" }, body: JSON.stringify({ value: [good] }) }),
  },
  { attack: "HTML in the validation token", status: 400, query: "?validationToken=%3Cscript%3E", request: () => ({}) },
  {
    attack: "a validation token beyond all limits",
    status: 400,
    query: `?validationToken=${"x".repeat(8000)}`,
    request: () => ({}),
  },
  {
    attack: "a token that is none of Graph's",
    status: 202,
    request: () => ({ headers: json, body: JSON.stringify({ value: [good], validationTokens: ["a.b.c"] }) }),
  },
];

const safe = {
  "cache-control": "no-store",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
};

it.each(attacks)("$attack: $status, soon, without a reason", async ({ status, query = "", request }) => {
  for (const path of ["notifications", "lifecycle"]) {
    const startedAt = performance.now();
    const response = await fetch(`${host.url}/api/graph/${path}${query}`, { method: "POST", ...request() });
    const text = await response.text();
    expect(performance.now() - startedAt).toBeLessThan(soon);
    expect(text).toBe("");
    expect(Object.fromEntries(response.headers)).toMatchObject(safe);
    // To the lifecycle address the same items are no lifecycle notifications, which is not said either.
    expect(response.status).toBe(status);
  }
});

it("what the host answers itself is kept by nobody and taken for nothing else, too", async () => {
  for (const [path, status] of [
    ["api/health", 401],
    ["api/status", 401],
    ["api/nothing", 404],
    ["api/live", 200],
  ] as const) {
    const response = await fetch(`${host.url}/${path}`);
    expect({ path, status: response.status }).toEqual({ path, status });
    expect(Object.fromEntries(response.headers)).toMatchObject(safe);
  }
});

it("a validation token of 1 MB does not even reach the app", async () => {
  const startedAt = performance.now();
  const response = await fetch(`${address}?validationToken=${"x".repeat(1_000_000)}`, { method: "POST" }).catch(
    () => null,
  );
  expect([null, 400, 414, 431]).toContain(response?.status ?? null);
  expect(performance.now() - startedAt).toBeLessThan(soon);
});

it("nothing was written to Graph, and the app is well", async () => {
  expect(revokeRequests(await world.calmHistory())).toEqual([]);
  expect(await readHealth(host)).toMatchObject({ status: 200, problems: [], deadLetters: 0 });
});

it("health says which build it was that stood this", async () => {
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  const commit = expect.toBeOneOf([expect.stringMatching(/^[0-9a-f]{40}(-dirty)?$/), null]);
  expect((await readHealth(host)).build).toEqual({ version, commit });
});
