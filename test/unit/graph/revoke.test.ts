import { describe, expect, it } from "vitest";
import type { Clock } from "../../../shared/base/clock.ts";
import { GraphPermanentError, GraphRetryableError, GraphUncertainError } from "../../../shared/graph/errors.ts";
import { createLimiter, createWritePace } from "../../../shared/graph/pace.ts";
import { createSend, type Fetch } from "../../../shared/graph/send.ts";
import { revokeSignInSessions } from "../../../shared/graph/write.ts";
import {
  BASE_URL,
  DATE,
  DATE_MS,
  failureOf,
  gateway,
  graphFailure,
  JANE,
  json,
  networkError,
  scriptedFetch,
  testClock,
} from "./harness.ts";

const accepted = () => json({ "@odata.context": "https://graph.example/v1.0/$metadata#Edm.Boolean", value: true });

const senderOf = (fetch: Fetch, clock: Clock) =>
  createSend({ baseUrl: BASE_URL, authProvider: { getAccessToken: async () => "t" }, fetch, clock, random: () => 0.5 });

describe("revokeSignInSessions", () => {
  it("posts once and says when it was accepted", async () => {
    const { graph, sent } = gateway(accepted());
    expect(await graph.revokeSignInSessions(JANE.toUpperCase())).toEqual({
      value: undefined,
      date: DATE_MS,
      at: 1_000,
    });
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      url: `${BASE_URL}/v1.0/users/${JANE}/revokeSignInSessions`,
      method: "POST",
      body: {},
    });
    expect(sent[0]?.headers.get("content-type")).toBe("application/json");
    expect(sent[0]?.headers.get("x-ms-throttle-priority")).toBe("high");
  });

  it("takes any 2xx as accepted that is whole, also without a body", async () => {
    const { graph } = gateway(new Response(null, { status: 204, headers: { date: "Sun, 06 Sep 2026 18:40:46 GMT" } }));
    expect((await graph.revokeSignInSessions(JANE)).date).toBe(DATE_MS);
  });

  it.each([
    ["breaks off", new ReadableStream({ start: (controller) => controller.error(networkError("ECONNRESET")) })],
    ["is no whole JSON", '{"@odata.context":"https://graph.exa'],
    ["is empty", ""],
  ])("does not know what became of a revoke answered 200 whose body %s", async (_, body) => {
    const { graph, sent } = gateway(new Response(body, { headers: { date: DATE, "request-id": "req-1" } }));
    const error = await failureOf(graph.revokeSignInSessions(JANE));
    expect(error).toBeInstanceOf(GraphUncertainError);
    expect(error).toMatchObject({ code: "truncatedBody", status: 200, requestId: "req-1" });
    expect(sent).toHaveLength(1);
  });

  it("knows that a throttled revoke was not applied, and how long to wait", async () => {
    const { graph, sent } = gateway(graphFailure(429, "TooManyRequests", { "retry-after": "0.5" }));
    const error = await failureOf(graph.revokeSignInSessions(JANE));
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error).toMatchObject({ reason: "throttled", retryAfter: 500, status: 429, requestId: "req-1" });
    expect(sent).toHaveLength(1);
  });

  it("knows that a throttled revoke without Retry-After was not applied", async () => {
    const { graph } = gateway(graphFailure(429, "TooManyRequests"), accepted());
    expect(await failureOf(graph.revokeSignInSessions(JANE))).toMatchObject({
      reason: "throttled",
      retryAfter: undefined,
    });
    await graph.revokeSignInSessions(JANE);
  });

  it.each([
    [400, "Request_BadRequest"],
    [401, "InvalidAuthenticationToken"],
    [403, "Authorization_RequestDenied"],
    [404, "Request_ResourceNotFound"],
  ])("knows that a revoke answered %i was not applied", async (status, code) => {
    const { graph, sent } = gateway(graphFailure(status, code));
    const error = await failureOf(graph.revokeSignInSessions(JANE));
    expect(error).toBeInstanceOf(GraphPermanentError);
    expect(error).toMatchObject({ code, status });
    expect(error.message).not.toContain("contoso");
    expect(sent).toHaveLength(1);
  });

  it("says which permission is missing", async () => {
    const { graph } = gateway(graphFailure(403, "Authorization_RequestDenied"));
    const { message } = await failureOf(graph.revokeSignInSessions(JANE));
    expect(message).toContain("User.RevokeSessions.All (77f3a031-c388-4f99-b373-dc68676a979e)");
  });

  it.each([302, 408, 500, 502, 503, 504, 507, 520])(
    "does not know what became of a revoke answered %i",
    async (status) => {
      const { graph, sent } = gateway(graphFailure(status, "generalException"));
      const error = await failureOf(graph.revokeSignInSessions(JANE));
      expect(error).toBeInstanceOf(GraphUncertainError);
      expect(error).toMatchObject({ status, requestId: "req-1" });
      expect(sent).toHaveLength(1);
    },
  );

  it.each(["ECONNRESET", "UND_ERR_SOCKET", "EPIPE", "UND_ERR_HEADERS_TIMEOUT", "CERT_HAS_EXPIRED"])(
    "does not know what became of a revoke that ended in %s",
    async (code) => {
      const { graph, sent } = gateway(networkError(code));
      const error = await failureOf(graph.revokeSignInSessions(JANE));
      expect(error).toBeInstanceOf(GraphUncertainError);
      expect(error.code).toBe(code);
      expect(sent).toHaveLength(1);
    },
  );

  it("does not know what became of a revoke that timed out", async () => {
    const { graph } = gateway(new DOMException("took too long", "TimeoutError"));
    const error = await failureOf(graph.revokeSignInSessions(JANE));
    expect(error).toBeInstanceOf(GraphUncertainError);
    expect(error.code).toBe("timeout");
  });

  it.each(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"])(
    "knows that a revoke which ended in %s never left",
    async (code) => {
      const { graph, sent } = gateway(networkError(code));
      const error = await failureOf(graph.revokeSignInSessions(JANE));
      expect(error).toBeInstanceOf(GraphRetryableError);
      expect(error).toMatchObject({ reason: "unavailable", code });
      expect(sent).toHaveLength(1);
    },
  );

  it.each([undefined, "", "1", "yesterday", "Sun, 99 Sep 2026 18:40:46 GMT"])(
    "never calls an accepted revoke unapplied because its Date is %j",
    async (date) => {
      const { graph } = gateway(new Response("{}", { headers: date === undefined ? {} : { date } }));
      const error = await failureOf(graph.revokeSignInSessions(JANE));
      expect(error).toBeInstanceOf(GraphUncertainError);
      expect(error.code).toBe("unexpectedAnswer");
    },
  );

  it.each(["", "me", "jane.doe@contoso.example", `${JANE}/../x`])("never puts %j into a URL", async (id) => {
    const { graph, sent } = gateway();
    const error = await failureOf(graph.revokeSignInSessions(id));
    expect(error).toBeInstanceOf(GraphPermanentError);
    expect(error.code).toBe("invalidPrincipalId");
    expect(sent).toEqual([]);
  });

  it("sends nothing while Graph wants no writes, but goes on reading", async () => {
    const { graph, sent, clock } = gateway(
      graphFailure(429, "TooManyRequests", { "retry-after": "10" }),
      json({ value: [] }),
      accepted(),
    );
    await failureOf(graph.revokeSignInSessions(JANE));
    clock.pass(4_000);
    const error = await failureOf(graph.revokeSignInSessions(JANE));
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error).toMatchObject({ code: "heldBack", reason: "throttled", retryAfter: 6_000 });
    await graph.listRoleInstances();
    expect(sent).toHaveLength(2);
    clock.pass(6_000);
    await graph.revokeSignInSessions(JANE);
  });

  it("does not run into the write quota by itself", async () => {
    const { graph, clock } = gateway(...Array.from({ length: 151 }, accepted));
    for (let count = 0; count < 150; count += 1) await graph.revokeSignInSessions(JANE);
    expect(clock.sleeps).toEqual([]);
    await graph.revokeSignInSessions(JANE);
    expect(clock.sleeps).toEqual([53]);
  });

  it("does not send what another one's 429 forbade while it waited for its turn", async () => {
    const { fetch, sent } = scriptedFetch(graphFailure(429, "TooManyRequests", { "retry-after": "10" }));
    const clock = testClock();
    const limiter = createLimiter(clock);
    const pace = { turn: async () => limiter.hold("write", 10_000) };
    const send = senderOf(fetch, clock);
    const error = await failureOf(revokeSignInSessions({ send, limiter, pace, timeout: 1_000, needed: [] }, JANE));
    expect(error.code).toBe("heldBack");
    expect(sent).toEqual([]);
  });

  it("passes on what never left for a reason of ours", async () => {
    const foreign = new GraphPermanentError("not followed", { code: "foreignLink" });
    const clock = testClock();
    const context = {
      send: () => Promise.reject(foreign),
      limiter: createLimiter(clock),
      pace: createWritePace(clock),
    };
    expect(await failureOf(revokeSignInSessions({ ...context, timeout: 1_000, needed: [] }, JANE))).toBe(foreign);
  });
});
