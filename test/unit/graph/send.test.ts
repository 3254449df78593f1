import { describe, expect, it } from "vitest";
import { endpoints } from "../../../shared/graph/permissions.ts";
import { createSend } from "../../../shared/graph/send.ts";
import { BASE_URL, json, networkError, scriptedFetch, testClock } from "./harness.ts";

const authProvider = { getAccessToken: async () => "secret-token" };
const list = { endpoint: endpoints.roleInstances, method: "GET", priority: "low", timeout: 1_000 } as const;

function sender(...steps: Parameters<typeof scriptedFetch>) {
  const { fetch, sent } = scriptedFetch(...steps);
  const clock = testClock();
  return { sent, clock, send: createSend({ baseUrl: `${BASE_URL}/`, authProvider, fetch, clock, random: () => 0.7 }) };
}

describe("createSend", () => {
  it("sends the token, the name of the app, and an id to ask Microsoft about", async () => {
    const { send, sent } = sender(json({}));
    await send({ ...list, path: "a/b?$filter=c%20eq%20'd'&$top=1" });
    expect(sent[0]).toMatchObject({ url: `${BASE_URL}/v1.0/a/b?$filter=c%20eq%20%27d%27&$top=1`, method: "GET" });
    const headers = new Headers(sent[0]?.headers);
    expect(headers.get("authorization")).toBe("Bearer secret-token");
    expect(headers.get("user-agent")).toBe("pim-cutoff");
    expect(headers.get("x-ms-throttle-priority")).toBe("low");
    expect(headers.get("client-request-id")).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it("resolves to any status, unread, and never follows a redirect", async () => {
    const { send, sent, clock } = sender(json({}, 307, { location: "https://attacker.example/" }));
    clock.pass(5);
    const { response, at } = await send({ ...list, path: "x" });
    expect({ status: response.status, read: response.bodyUsed, at }).toEqual({ status: 307, read: false, at: 1_005 });
    expect(sent[0]?.redirect).toBe("manual");
  });

  it("keeps the network's failure apart from the SDK's", async () => {
    const failure = networkError("ECONNRESET");
    const { send } = sender(failure);
    await expect(send({ ...list, path: "x" })).rejects.toMatchObject({
      name: "NoAnswerError",
      code: "ECONNRESET",
      sent: true,
      cause: failure,
    });
  });

  it("makes no claim about a failure inside the SDK", async () => {
    const { send } = sender();
    await expect(send({ ...list, method: "POST", path: "x", body: { value: 1n } })).rejects.toMatchObject({
      name: "NoAnswerError",
      code: "networkError",
      sent: true,
    });
  });

  it.each(["http://graph.example", "ftp://graph.example", "graph.example", ""])(
    "does not send tokens to %j",
    (baseUrl) => {
      const { fetch } = scriptedFetch();
      expect(() => createSend({ baseUrl, authProvider, fetch, clock: testClock(), random: () => 0 })).toThrow(
        expect.objectContaining({ code: "insecureBaseUrl" }),
      );
    },
  );
});
