import { describe, expect, it } from "vitest";
import { createGraph, type GraphGateway } from "../../../shared/graph/create-graph.ts";
import { GraphPermanentError, GraphRetryableError, isLicenceMissing } from "../../../shared/graph/errors.ts";
import {
  BASE_URL,
  batch,
  DATE,
  failureOf,
  gateway,
  graphFailure,
  HELPDESK_GROUP,
  JANE,
  json,
  networkError,
  scriptedFetch,
  testClock,
  userBody,
} from "./harness.ts";

const empty = () => json({ value: [] });
const empty200 = { body: { value: [] } };

describe("a read", () => {
  it.each([408, 500, 502, 503, 504, 507])("is tried again after %i", async (status) => {
    const { graph, sent, clock } = gateway(graphFailure(status, "x"), new Response("<html>", { status }), empty());
    expect((await graph.listRoleInstances()).value).toEqual([]);
    expect(sent).toHaveLength(3);
    expect(clock.sleeps).toEqual([200, 400]);
  });

  it.each([
    networkError("ECONNRESET"),
    networkError("ECONNREFUSED"),
    new DOMException("took too long", "TimeoutError"),
    new TypeError("fetch failed"),
  ])("is tried again after a failed try (%s)", async (failure) => {
    const { graph, sent } = gateway(failure, empty());
    expect((await graph.listRoleInstances()).value).toEqual([]);
    expect(sent).toHaveLength(2);
  });

  it("is tried again when its body breaks off", async () => {
    const body = new ReadableStream({ start: (controller) => controller.error(networkError("UND_ERR_SOCKET")) });
    const { graph, sent } = gateway(new Response(body), empty());
    expect((await graph.listRoleInstances()).value).toEqual([]);
    expect(sent).toHaveLength(2);
  });

  it.each(["", '{"value":[{"id":"1', "<html>"])("is tried again when 200 comes with %j", async (text) => {
    const cut = () => new Response(text, { headers: { date: DATE, "request-id": "req-1" } });
    const { graph, sent, clock } = gateway(cut(), cut(), empty());
    expect((await graph.listRoleInstances()).value).toEqual([]);
    expect(sent).toHaveLength(3);
    expect(clock.sleeps).toEqual([200, 400]);

    const error = await failureOf(gateway(cut(), cut(), cut()).graph.listRoleInstances());
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error).toMatchObject({ reason: "unavailable", code: "truncatedBody", status: 200, requestId: "req-1" });
  });

  it("says after three tries what the last one brought", async () => {
    const { graph } = gateway(
      networkError("ECONNRESET"),
      graphFailure(500, "x"),
      graphFailure(503, "serviceNotAvailable"),
    );
    const error = await failureOf(graph.listRoleInstances());
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error).toMatchObject({
      reason: "unavailable",
      code: "serviceNotAvailable",
      status: 503,
      requestId: "req-1",
    });
  });

  it("reports the network's own code", async () => {
    const down = () => networkError("ENOTFOUND");
    const { graph } = gateway(down(), down(), down());
    const error = await failureOf(graph.listRoleInstances());
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error).toMatchObject({ reason: "unavailable", code: "ENOTFOUND", retryAfter: undefined, status: undefined });
    expect(error.message).toContain(
      "GET roleManagement/directory/roleAssignmentScheduleInstances was not answered (ENOTFOUND).",
    );
  });

  it("keeps the Retry-After of an unavailable service", async () => {
    const { graph } = gateway(graphFailure(503, "x", { "retry-after": "120" }));
    expect(await failureOf(graph.listRoleInstances())).toMatchObject({ reason: "unavailable", retryAfter: 120_000 });
  });

  it("waits out a short throttling and leaves a long one to the queue, for all reads", async () => {
    const { graph, sent, clock } = gateway(
      graphFailure(429, "TooManyRequests", { "retry-after": "1.5" }),
      graphFailure(429, "TooManyRequests", { "retry-after": "30" }),
    );
    const error = await failureOf(graph.listRoleInstances());
    expect(error).toMatchObject({ reason: "throttled", retryAfter: 30_000 });
    expect(clock.sleeps).toEqual([1_700]);
    clock.pass(10_000);
    expect(await failureOf(graph.readPrincipal(JANE))).toMatchObject({ code: "heldBack", retryAfter: 20_000 });
    expect(sent).toHaveLength(2);
  });

  it("holds other reads back after an item of a batch was throttled", async () => {
    const throttled = { id: "1", status: 429, headers: { "retry-after": "20" } };
    const others = [2, 3].map((id) => ({ id: String(id), status: 200, body: {} }));
    const { graph, sent } = gateway(json({ responses: [throttled, ...others] }));
    await failureOf(graph.readPrincipal(JANE));
    expect(await failureOf(graph.listRoleInstances())).toMatchObject({ code: "heldBack", retryAfter: 20_000 });
    expect(sent).toHaveLength(1);
  });

  it.each([
    [401, "InvalidAuthenticationToken", "check that authority, scope and base URL are of the same cloud"],
    [403, "Authorization_RequestDenied", "RoleManagement.Read.Directory (483bed4a-2ad3-4361-a73b-c83ccdbdc53c)"],
    [404, "ResourceNotFound", "does not exist or is not replicated yet"],
    [400, "BadRequest", "give the request-id to Microsoft support"],
    [302, "http302", "A redirect is not followed"],
  ])("fails at once after %i and says what to do", async (status, code, advice) => {
    const { graph, sent } = gateway(graphFailure(status, code));
    const error = await failureOf(graph.listRoleInstances());
    expect(error).toBeInstanceOf(GraphPermanentError);
    expect(error).toMatchObject({ status, code, requestId: "req-1" });
    expect(error.message).toContain(advice);
    expect(sent).toHaveLength(1);
  });

  const pim = { status: 400, body: { error: { code: "AadPremiumLicenseRequired" } } };
  const premium = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";

  it.each([
    [
      "PIM's list",
      () => json(pim.body, 400),
      (graph: GraphGateway) => graph.listRoleInstances(),
      "P2 or ID Governance",
    ],
    [
      "a principal",
      () => batch(pim, empty200, empty200),
      (graph: GraphGateway) => graph.readPrincipal(JANE),
      "P2 or ID Gov",
    ],
    [
      "the log",
      () => graphFailure(403, premium),
      (graph: GraphGateway) => graph.readDirectoryAudits({ since: 0 }),
      "P1 or P2",
    ],
    [
      "the log",
      () => json(pim.body, 400),
      (graph: GraphGateway) => graph.readDirectoryAudits({ since: 0 }),
      "P2 or ID Gov",
    ],
  ])(
    "names the licence and no permission after three refusals for want of one: %s",
    async (_, answer, work, licence) => {
      const { graph, sent } = gateway(answer(), answer(), answer());
      const error = await failureOf(work(graph));
      expect(error).toBeInstanceOf(GraphPermanentError);
      expect(isLicenceMissing(error.code)).toBe(true);
      expect(error.message).toContain(licence);
      expect(error.message).not.toMatch(/grant|\.Read\./i);
      expect(sent).toHaveLength(3);
    },
  );

  it("does not believe one refusal for want of a licence: licensed tenants are refused at random", async () => {
    const { graph } = gateway(graphFailure(403, premium), graphFailure(403, premium), json({ value: [] }));
    await expect(graph.readDirectoryAudits({ since: 0 })).resolves.toMatchObject({ value: [] });
    const reading = gateway(batch(pim, empty200, empty200), batch(empty200, empty200, { body: userBody() }));
    await expect(reading.graph.readPrincipal(JANE)).resolves.toMatchObject({ value: { instances: [] } });
  });

  it("has no permission to name for a refused batch", async () => {
    const { graph } = gateway(graphFailure(403, "Forbidden"));
    const { message } = await failureOf(graph.readPrincipal(JANE));
    expect(message).toContain("POST $batch answered 403 (Forbidden). Trying again will not help");
  });

  it.each([undefined, "1", "yesterday"])("concludes nothing from an answer whose Date is %j", async (date) => {
    const { graph } = gateway(new Response('{"value":[]}', { headers: date === undefined ? {} : { date } }));
    const error = await failureOf(graph.listRoleInstances());
    expect(error).toBeInstanceOf(GraphPermanentError);
    expect(error.code).toBe("unexpectedAnswer");
    expect(error.message).toContain("the Date header");
  });

  it("has no request-id when Graph sent none", async () => {
    const { graph } = gateway(new Response("{}", { status: 400 }));
    expect((await failureOf(graph.listRoleInstances())).requestId).toBeUndefined();
  });

  it("is not sent without a token", async () => {
    const { fetch, sent } = scriptedFetch();
    const credential = { getToken: () => Promise.reject(new Error("the identity endpoint is down")) };
    const graph = createGraph({
      baseUrl: BASE_URL,
      credential,
      scope: "s",
      fetch,
      clock: testClock(),
      random: () => 0,
    });
    const error = await failureOf(graph.listRoleInstances());
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error).toMatchObject({ reason: "unavailable", code: "tokenUnavailable" });
    expect(error.message).toContain("check the app's identity");
    expect(sent).toEqual([]);
  });
});

describe("a reading that starts in a batch", () => {
  const empty = { body: { value: [] } };
  const pages = { body: { value: [], "@odata.nextLink": `${BASE_URL}/v1.0/more?$skiptoken=1` } };
  const group = { body: { id: HELPDESK_GROUP } };
  const missing = { status: 404 };

  it.each([
    ["the holders of a group", [pages, empty], (graph: GraphGateway) => graph.readHolders(HELPDESK_GROUP)],
    ["the paths of a user", [pages, empty, empty], (graph: GraphGateway) => graph.readGroupPaths(JANE, [JANE])],
    ["the groups of a setting", [group, missing, pages], (graph: GraphGateway) => graph.readListed([HELPDESK_GROUP])],
  ])("begins anew with %s when the token of a further page has expired", async (_, items, work) => {
    const { graph, sent } = gateway(
      batch(...items),
      graphFailure(400, "BadRequest"),
      batch(...items),
      json({ value: [{ id: JANE }] }),
    );
    await work(graph).catch(() => undefined);
    expect(sent.map(({ method }) => method)).toEqual(["POST", "GET", "POST", "GET"]);
  });
});
