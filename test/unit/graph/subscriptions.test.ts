import { describe, expect, it } from "vitest";
import { GraphPermanentError, GraphRetryableError, GraphUncertainError } from "../../../shared/graph/errors.ts";
import { canaries } from "../../fixtures/canaries.ts";
import { BASE_URL, failureOf, gateway, graphFailure, HELPDESK_GROUP, json, networkError } from "./harness.ts";

const id = "7f105c7d-2dc5-4530-97cd-4e7ae6534c07";
const expiresAt = Date.UTC(2026, 9, 1, 10);
const row = (changes: Readonly<Record<string, unknown>> = {}) => ({
  id: id.toUpperCase(),
  resource: `groups/${HELPDESK_GROUP}/members`,
  applicationId: "24d3b144-21ae-4080-943f-7067b395b913",
  changeType: "updated",
  clientState: null,
  notificationUrl: "https://app.example/api/graph/notifications",
  expirationDateTime: "2026-10-01T10:00:00.0000000Z",
  ...changes,
});
const read = {
  id,
  resource: `groups/${HELPDESK_GROUP}/members`,
  notificationUrl: "https://app.example/api/graph/notifications",
  applicationId: "24d3b144-21ae-4080-943f-7067b395b913",
  expiresAt,
};
const wish = {
  resource: `groups/${HELPDESK_GROUP}/members`,
  changeType: "updated",
  notificationUrl: "https://app.example/api/graph/notifications",
  lifecycleUrl: "https://app.example/api/graph/lifecycle",
  clientState: "state",
  expiresAt,
};

describe("subscriptions", () => {
  it("are listed to the last page", async () => {
    const next = `${BASE_URL}/v1.0/subscriptions?$skiptoken=x`;
    const { graph } = gateway(json({ value: [row()], "@odata.nextLink": next }), json({ value: [row()] }));
    expect((await graph.listSubscriptions()).value).toEqual([read, read]);
  });

  it("are created as documented", async () => {
    const { graph, sent } = gateway(json(row(), 201));
    expect(await graph.createSubscription(wish)).toEqual({ kind: "created", subscription: read });
    expect(sent[0]).toMatchObject({
      method: "POST",
      url: `${BASE_URL}/v1.0/subscriptions`,
      body: {
        changeType: "updated",
        resource: wish.resource,
        notificationUrl: wish.notificationUrl,
        lifecycleNotificationUrl: wish.lifecycleUrl,
        clientState: "state",
        expirationDateTime: "2026-10-01T10:00:00.000Z",
        latestSupportedTlsVersion: "v1_2",
      },
    });
  });

  it("that Graph refuses show its code and nothing of its words: a name needs no quotes", async () => {
    const message = `Resource of ${canaries.name} does not support subscriptions: ${canaries.mail} ${canaries.json}`;
    const { graph } = gateway(json({ error: { code: "InvalidRequest", message } }, 400));
    expect(await graph.createSubscription(wish)).toEqual({ kind: "refused", status: 400, code: "InvalidRequest" });
  });

  it("that may have been created are uncertain, and are never asked for twice by the gateway", async () => {
    const lost = gateway(networkError("ECONNRESET"));
    expect(await failureOf(lost.graph.createSubscription(wish))).toBeInstanceOf(GraphUncertainError);
    const failed = gateway(graphFailure(503, "ServiceUnavailable"));
    expect(await failureOf(failed.graph.createSubscription(wish))).toBeInstanceOf(GraphUncertainError);
    expect([lost.sent.length, failed.sent.length]).toEqual([1, 1]);
  });

  it("are renewed by PATCH; null when Graph does not know one any more", async () => {
    const { graph, sent } = gateway(json(row()), graphFailure(404, "ResourceNotFound"));
    expect(await graph.renewSubscription(id, expiresAt)).toEqual(read);
    expect(sent[0]).toMatchObject({
      method: "PATCH",
      url: `${BASE_URL}/v1.0/subscriptions/${id}`,
      body: { expirationDateTime: "2026-10-01T10:00:00.000Z" },
    });
    expect(await graph.renewSubscription(id, expiresAt)).toBeNull();
  });

  it("are deleted, also when they are gone already; a refusal is reported", async () => {
    const gone = new Response(null, { status: 204, headers: { date: "Sun, 06 Sep 2026 18:40:46 GMT" } });
    const { graph, sent } = gateway(gone, graphFailure(404, "ResourceNotFound"), graphFailure(403, "Forbidden"));
    await graph.deleteSubscription(id);
    await graph.deleteSubscription(id);
    expect(sent.map(({ method, url }) => [method, url])).toEqual([
      ["DELETE", `${BASE_URL}/v1.0/subscriptions/${id}`],
      ["DELETE", `${BASE_URL}/v1.0/subscriptions/${id}`],
    ]);
    expect(await failureOf(graph.deleteSubscription(id))).toBeInstanceOf(GraphPermanentError);
    expect(await failureOf(graph.deleteSubscription("x/../y"))).toMatchObject({ code: "invalidSubscriptionId" });
  });

  it("that are throttled hold up no revoke", async () => {
    const { graph } = gateway(graphFailure(429, "TooManyRequests", { "retry-after": "60" }), json({ value: true }));
    expect(await failureOf(graph.renewSubscription(id, expiresAt))).toBeInstanceOf(GraphRetryableError);
    await graph.revokeSignInSessions(id);
  });

  it("know the tenant that our token is for, if it says so", async () => {
    expect(await gateway().graph.ownTenant()).toBeNull();
  });
});
