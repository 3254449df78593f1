import { glob, readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { createGraph } from "../../../shared/graph/create-graph.ts";
import { type GraphError, GraphRetryableError, GraphUncertainError } from "../../../shared/graph/errors.ts";
import { createWritePace } from "../../../shared/graph/pace.ts";
import { startProxy } from "../../e2e/support/proxy.ts";
import { BASE_URL, credential, failureOf, JANE, scriptedFetch, testClock } from "../graph/harness.ts";
import { globalAdministrator, tenantForTest, userAdministrator } from "../tenant/fixture.ts";
import { subscribedTenant } from "../tenant/notifications/subscribed.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const page = await readFile(`${root}docs/refusals.md`, "utf8");
const rows = [...page.matchAll(/^\| `(\w+)` \| (\d*) ?\| (yes|no) \| ([^|]+) \| [^|]+ \| [^|]+ \| [^|]+ \|$/gm)].map(
  ([, code = "", status = "", again = "", words = ""]) => ({ code, status, again, words }),
);

const wired = (changes: Partial<Parameters<typeof createGraph>[0]>) =>
  createGraph({
    baseUrl: BASE_URL,
    credential: credential(),
    scope: "s",
    fetch: scriptedFetch().fetch,
    clock: testClock(),
    random: () => 0,
    ...changes,
  });

/** The gateway at a simulated tenant that has two assignments, one a page. */
async function atTenant(changes: Partial<Parameters<typeof createGraph>[0]> = {}) {
  const { tenant, control, token } = await tenantForTest();
  const { id: principalId } = await control.createUser({ name: "jane" });
  for (const roleDefinitionId of [userAdministrator, globalAdministrator])
    await control.assign({ principalId, roleDefinitionId });
  await control.changeSettings({ pageSize: 1 });
  // Fetched before, so that no time-out of a call can strike it.
  const signedIn = credential(await token());
  const graph = wired({ baseUrl: tenant.url, credential: signedIn, fetch, ...changes });
  /** Every answer to these calls fails like this. */
  const failing = (
    fault: Parameters<typeof control.addFault>[0]["fault"],
    path = "/v1.0/",
    count: number | null = null,
  ) => control.addFault({ path, count, fault });
  return { graph, control, token, principalId, failing };
}
type AtTenant = Awaited<ReturnType<typeof atTenant>>;

const list = ({ graph }: AtTenant) => failureOf(graph.listRoleInstances());
const audits = ({ graph }: AtTenant, since = Date.now() - 3_600_000) => graph.readDirectoryAudits({ since });

/** How the simulated tenant brings each code about. */
const atTheTenant: Readonly<Record<string, () => Promise<GraphError>>> = {
  async AadPremiumLicenseRequired() {
    const at = await atTenant();
    await at.control.changeSettings({ licensed: false });
    return list(at);
  },
  async Authentication_RequestFromNonPremiumTenantOrB2CTenant() {
    const at = await atTenant();
    await at.control.changeSettings({ licensed: false });
    return failureOf(audits(at));
  },
  async Authorization_RequestDenied() {
    const at = await atTenant();
    await at.control.changeSettings({ permissions: [], permissionsApplyAtOnce: true });
    return list(at);
  },
  // The tenant keeps no row that is so old.
  BadRequest: async () => failureOf(audits(await atTenant(), 0)),
  InvalidAuthenticationToken: async () => list(await atTenant({ credential: credential("of another cloud") })),
  Request_ResourceNotFound: async () => failureOf((await atTenant()).graph.revokeSignInSessions(JANE)),
  async ServiceUnavailable() {
    const at = await atTenant();
    await at.failing({ kind: "status", statuses: [503] });
    return list(at);
  },
  async TooManyRequests() {
    const at = await atTenant();
    await at.failing({ kind: "status", statuses: [429], retryAfterSeconds: 30 });
    return list(at);
  },
  async directoryAuditsUnsupported() {
    const at = await atTenant();
    await at.control.changeSettings({ audit: { offered: false } });
    return failureOf(audits(at));
  },
  async heldBack() {
    const at = await atTenant();
    await at.failing({ kind: "status", statuses: [429], retryAfterSeconds: 30 });
    await list(at);
    return list(at);
  },
  async hiddenMembership() {
    const at = await atTenant();
    const { id } = await at.control.createGroup({ name: "Hidden", hiddenMembership: "refused" });
    return failureOf(at.graph.readHolders(id));
  },
  async pageMissing() {
    const at = await atTenant();
    await at.failing({ kind: "status", statuses: [404], code: "ResourceNotFound" }, "skiptoken");
    return list(at);
  },
  async pageTokenRefused() {
    const at = await atTenant();
    await at.control.changeSettings({ pageTokenSeconds: 0 });
    return list(at);
  },
  async reportPace() {
    const at = await atTenant();
    await audits(at);
    await audits(at);
    return failureOf(audits(at));
  },
  async timeout() {
    const at = await atTenant({ timeouts: { read: 30, revoke: 30 } });
    await at.failing({ kind: "hang" }, "/roleAssignmentScheduleInstances");
    return list(at);
  },
  async tokenUnavailable() {
    const { token } = await atTenant();
    const getToken = async () => ({ token: await token("not the header"), expiresOnTimestamp: 0 });
    return list(await atTenant({ credential: { getToken } }));
  },
  async truncatedBody() {
    const at = await atTenant();
    await at.failing({ kind: "truncate" });
    return list(at);
  },
};

/** A server between the gateway and the tenant. It answers every call itself. */
async function inBetween(answer: (response: ServerResponse) => unknown) {
  const proxy = await startProxy(BASE_URL, (_, response) => {
    answer(response);
    return true;
  });
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  return proxy;
}
const past = async (answer: (response: ServerResponse) => unknown) =>
  list(await atTenant({ baseUrl: (await inBetween(answer)).url }));

/** How the network, and what stands in it before the tenant, bring codes about: a server on this machine stands there. */
const onTheWay: Readonly<Record<string, () => Promise<GraphError>>> = {
  async ECONNREFUSED() {
    const gone = await startProxy(BASE_URL, () => true);
    await gone[Symbol.asyncDispose]();
    return list(await atTenant({ baseUrl: gone.url }));
  },
  ECONNRESET: () => past((response) => response.socket?.resetAndDestroy()),
  foreignLink: () =>
    past((response) =>
      response.end(JSON.stringify({ value: [], "@odata.nextLink": "https://attacker.example/v1.0/x" })),
    ),
  http302: () => past((response) => response.writeHead(302, { location: "https://sign-in.example" }).end()),
  // Node's fetch itself refuses this port, and its error has no code. Every error of a connection that it was seen to give has one.
  networkError: async () => list(await atTenant({ baseUrl: "http://127.0.0.1:1" })),
  unexpectedAnswer: () => past((response) => response.end("{}")),
};

/** The two codes that the app gives before anything is sent: nothing outside it brings them about. */
const atHome: Readonly<Record<string, () => Promise<GraphError>>> = {
  insecureBaseUrl: () => failureOf(Promise.resolve().then(() => wired({ baseUrl: "http://graph.example" }))),
  // 3,000 writes in 150 seconds: the pace alone, since so many revokes would be of as many users.
  writePace: () => {
    const pace = createWritePace({ ...testClock(), sleep: () => Promise.resolve() });
    const write = async () => {
      for (let turn = 0; turn < 200; turn += 1) await pace.turn();
    };
    return failureOf(write());
  },
};

const causes = { ...atTheTenant, ...onTheWay, ...atHome };

describe("the table of refusals", () => {
  test("has each code once, by name, and no other", () => {
    expect(rows.map(({ code }) => code)).toEqual(Object.keys(causes).toSorted());
    expect(page.split("When the app subscribes")[0]?.match(/^\| `/gm)).toHaveLength(rows.length);
  });

  test("has every word of ours that shared/graph knows", async () => {
    const ours = new Set<string>();
    for await (const path of glob("shared/graph/*.ts", { cwd: root })) {
      const source = await readFile(`${root}${path}`, "utf8");
      const codes = /(?:\bcode: |NoAnswerError\(|(?:AUDITS_UNSUPPORTED|TRUNCATED_BODY) = |\[40\d, )"([a-zA-Z]+)"/g;
      for (const [, code = ""] of source.matchAll(codes)) ours.add(code);
    }
    expect(ours.size).toBeGreaterThan(12);
    expect([...ours].filter((code) => !code.startsWith("invalid") && !(code in causes))).toEqual([]);
  });

  test.each(rows)("says of $code what the app says", async ({ code, status, again, words }) => {
    const error = await causes[code]?.();
    expect(error).toMatchObject({ code, status: status === "" ? undefined : Number(status) });
    expect(error?.message).toContain(words);
    expect(error instanceof GraphRetryableError).toBe(again === "yes");
  });
});

/** How the simulated tenant brings about each refusal of a subscription. */
const ofSubscriptions: Readonly<Record<string, (at: Awaited<ReturnType<typeof subscribedTenant>>) => unknown>> = {
  Conflict: ({ subscribed }) => subscribed(),
  Forbidden: ({ control }) => control.changeSettings({ notifications: { subscriptionsPerApp: 0 } }),
  InvalidRequest: ({ endpoint, control }) => {
    endpoint.echoWith("never");
    return control.changeSettings({ notifications: { validationMs: 20 } });
  },
  ResourceNotFound: ({ control }) => control.reset(),
  ValidationError: ({ endpoint }) => endpoint.echoWith(() => ({ status: 403, contentType: "text/html", text: "no" })),
};

describe("the table of refused subscriptions", () => {
  const refusals = [...page.matchAll(/^\| `(\w+)` \| (\d+) \| [^|]+ \| [^|]+ \| [^|]+ \|$/gm)].map(
    ([, code = "", status = ""]) => ({ code, status: Number(status) }),
  );

  test("has each code once, by name: those of the tenant, and one that only a network in between brings about", () => {
    expect(refusals.map(({ code }) => code)).toEqual([...Object.keys(ofSubscriptions), "ExtensionError"].toSorted());
  });

  test.each(refusals.filter(({ code }) => code in ofSubscriptions))("has $code", async ({ code, status }) => {
    const at = await subscribedTenant();
    const graph = wired({
      baseUrl: at.tenant.url,
      credential: { getToken: async () => ({ token: await at.token(), expiresOnTimestamp: Number.POSITIVE_INFINITY }) },
      fetch,
    });
    const { clientState, expirationDateTime, lifecycleNotificationUrl, ...wanted } = await at.wanted();
    await ofSubscriptions[code]?.(at);
    const asked = { ...wanted, lifecycleUrl: lifecycleNotificationUrl, clientState };
    const answer = await graph.createSubscription({ ...asked, expiresAt: Date.parse(expirationDateTime) });
    expect(answer).toEqual({ kind: "refused", status, code });
  });
});

describe("an answer of the tenant that breaks off", () => {
  test.each(["/roleAssignmentScheduleInstances", "/roleAssignments", "/users/"])(
    "is tried again when it is the answer to an item of a batch: %s",
    async (path) => {
      const { graph, control, principalId } = await atTenant();
      await control.addFault({ path, count: 2, fault: { kind: "truncate" } });
      await expect(graph.readPrincipal(principalId)).resolves.toMatchObject({ value: { user: { id: principalId } } });
      await control.addFault({ path, fault: { kind: "truncate" } });
      expect(await failureOf(graph.readPrincipal(principalId))).toMatchObject({ code: "truncatedBody", status: 200 });
    },
  );

  test("leaves open whether a revoke was applied", async () => {
    const { graph, failing, principalId } = await atTenant();
    await failing({ kind: "truncate" }, "revokeSignInSessions");
    const error = await failureOf(graph.revokeSignInSessions(principalId));
    expect(error).toBeInstanceOf(GraphUncertainError);
    expect(error).toMatchObject({ code: "truncatedBody" });
  });
});

test("a listing at the tenant begins anew when the token of its second page has expired", async () => {
  const { graph, failing } = await atTenant();
  await failing({ kind: "status", statuses: [400], code: "Directory_ExpiredPageToken" }, "skiptoken", 2);
  expect((await graph.listRoleInstances()).value).toHaveLength(2);
});
