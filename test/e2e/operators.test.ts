import { describe, it } from "vitest";
import { z } from "zod";
import { openOperatorDoor } from "../../local/stack/operator-door.ts";
import { clientPrincipal } from "../fixtures/operators.ts";
import { readHealth } from "./support/health.ts";
import { operate } from "./support/operate.ts";
import { eventually, type LoggingHost, openWorld, type World } from "./support/world.ts";

const json = { "content-type": "application/json" };
const answer = z.record(z.string(), z.unknown());
const body = JSON.stringify({ reason: "a drill" });

/** What the host answers to an order with its function key and these headers. */
async function order(host: LoggingHost, headers: Readonly<Record<string, string>>, action = "stop") {
  const url = `${host.url}/api/operations/${action}`;
  const all = { "x-functions-key": host.functionKey, ...json, ...headers };
  const response = await fetch(url, { method: "POST", headers: all, body });
  return { status: response.status, body: answer.parse(await response.json()) };
}

async function statusOf(host: LoggingHost, headers: Readonly<Record<string, string>>): Promise<number> {
  const all = { "x-functions-key": host.functionKey, accept: "application/json", ...headers };
  return (await fetch(`${host.url}/api/status`, { headers: all })).status;
}

async function signIn({ control }: World, ...roles: readonly string[]) {
  const { accessToken, objectId } = await control.operatorToken({ roles: [...roles] });
  return { objectId, headers: { authorization: `Bearer ${accessToken}` } };
}

/** A principal as App Service would send it for this tenant. */
const platformHeader = ({ tenant }: World, objectId: string) => ({
  "x-ms-client-principal": clientPrincipal({
    aud: tenant.operators.OPERATORS_AUDIENCE,
    "http://schemas.microsoft.com/identity/claims/tenantid": tenant.tenantId,
    "http://schemas.microsoft.com/identity/claims/objectidentifier": objectId,
  }),
});

const recorded = async ({ sealed }: World) => (await sealed.state.list("operations")).value;

describe.concurrent("the built app", () => {
  it("takes orders from operators alone, and records who gave each, when and why", async ({ expect }) => {
    await using world = await openWorld("operators");
    const host = await world.startHost();
    const [nobody, reader, operator] = await Promise.all([
      signIn(world),
      signIn(world, "Cutoff.Read"),
      signIn(world, "Cutoff.Operate"),
    ]);
    expect(await order(host, {})).toMatchObject({ status: 401, body: { error: "NO_TOKEN" } });
    expect(await order(host, nobody.headers)).toMatchObject({ status: 403, body: { error: "MISSING_ROLE" } });
    expect(await order(host, reader.headers)).toMatchObject({ status: 403, body: { error: "MISSING_ROLE" } });
    expect(await order(host, platformHeader(world, operator.objectId))).toMatchObject({ body: { error: "NO_TOKEN" } });
    expect(
      await Promise.all([statusOf(host, {}), statusOf(host, nobody.headers), statusOf(host, reader.headers)]),
    ).toEqual([401, 403, 200]);
    expect((await readHealth(host)).stopped).toBe(false);
    expect(await recorded(world)).toEqual([]);

    const { status, body } = await order(host, operator.headers);
    expect({ status, body }).toMatchObject({ status: 200, body: { action: "stop" } });
    expect((await readHealth(host)).stopped).toBe(true);
    expect(await recorded(world)).toMatchObject([
      {
        row: body.operationId,
        content: { by: operator.objectId, at: expect.stringMatching(/^\d{4}-.*Z$/), reason: "a drill" },
      },
    ]);
    expect((await order(host, reader.headers, "review")).status).toBe(200);
  });

  it("believes App Service's word where its authentication is on, and no other site's page", async ({ expect }) => {
    await using world = await openWorld("operatorcookie");
    const host = await world.startHost({ WEBSITE_AUTH_ENABLED: "True" });
    const word = platformHeader(world, "0f0e0d0c-0b0a-4908-8706-050403020100");
    for (const attack of [
      { "sec-fetch-site": "cross-site" },
      { origin: "https://evil.example" },
      { "content-type": "text/plain" },
    ]) {
      expect(await order(host, { ...word, ...attack })).toMatchObject({ status: 403, body: { error: "CROSS_SITE" } });
    }
    expect((await readHealth(host)).stopped).toBe(false);
    const ours = { "sec-fetch-site": "same-origin", origin: host.url };
    expect((await order(host, { ...word, ...ours })).status).toBe(200);
    expect((await readHealth(host)).stopped).toBe(true);
  });

  it("shows its page and takes orders through the door that npm start opens for a browser", async ({ expect }) => {
    await using world = await openWorld("operatordoor");
    const host = await world.startHost();
    const door = await openOperatorDoor(host, host.operatorToken);
    const page = await fetch(`${door.url}/api/status`, { headers: { accept: "text/html" } });
    expect(page.status).toBe(200);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await page.text()).toContain("<h1>pim-cutoff</h1>");
    const stop = async (site: string) => {
      const headers = { ...json, "sec-fetch-site": site };
      return (await fetch(`${door.url}/api/operations/stop`, { method: "POST", headers, body })).status;
    };
    expect(await stop("cross-site")).toBe(403);
    expect((await readHealth(host)).stopped).toBe(false);
    expect(await stop("same-origin")).toBe(200);
    expect((await readHealth(host)).stopped).toBe(true);
    await door.close();
  });

  it("without operators is seen by health and stopped by setting, and says how to have operators", async ({
    expect,
  }) => {
    await using world = await openWorld("nooperators");
    const host = await world.startHost({ OPERATORS_AUDIENCE: "", CUTOFF_STOP: "true" });
    const { headers } = await signIn(world, "Cutoff.Operate");
    expect(await order(host, headers)).toMatchObject({
      status: 403,
      body: { error: "NO_OPERATORS", problems: [expect.stringContaining("OPERATORS_AUDIENCE")] },
    });
    expect(await statusOf(host, headers)).toBe(403);
    expect((await readHealth(host)).stopped).toBe(true);
  });

  it("goes on believing operators after the tenant has changed its keys", async ({ expect }) => {
    await using world = await openWorld("operatorkeys");
    const host = await world.startHost();
    await operate(host, "stop");
    await world.control.rotatePublisherKeys();
    // An unknown key id makes the app ask for the keys again, at most every half minute.
    await eventually(() => operate(host, "resume"));
    expect((await readHealth(host)).stopped).toBe(false);
  });
});
