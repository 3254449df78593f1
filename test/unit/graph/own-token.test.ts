import { describe, expect, it, vi } from "vitest";
import { authorise, trustedOrigin } from "../../../shared/graph/own-token.ts";

const provider = { getAccessToken: async () => "secret-token" };

describe("trustedOrigin", () => {
  it.each([
    ["https://graph.microsoft.com", "https://graph.microsoft.com"],
    ["https://graph.microsoft.us/", "https://graph.microsoft.us"],
    ["http://127.0.0.1:7071", "http://127.0.0.1:7071"],
    ["http://localhost:7071/", "http://localhost:7071"],
    ["http://[::1]:7071", "http://[::1]:7071"],
  ])("of %s is %s", (baseUrl, origin) => {
    expect(trustedOrigin(baseUrl)).toBe(origin);
  });

  it.each(["http://127.0.0.1.attacker.example", "http://10.0.0.1"])("does not exist for %s", (baseUrl) => {
    expect(() => trustedOrigin(baseUrl)).toThrow(expect.objectContaining({ code: "insecureBaseUrl" }));
  });
});

describe("authorise", () => {
  it.each(["https://attacker.example/v1.0/x", "http://graph.example/", "/v1.0/x"])(
    "asks for no token for %s, and lets nothing pass",
    async (request) => {
      const getAccessToken = vi.fn(provider.getAccessToken);
      const execute = vi.fn();
      const link = authorise({ getAccessToken }, "https://graph.example");
      link.setNext?.({ execute });
      await expect(link.execute({ request })).rejects.toMatchObject({ customError: { code: "foreignLink" } });
      expect(getAccessToken).not.toHaveBeenCalled();
      expect(execute).not.toHaveBeenCalled();
    },
  );

  it("sets the token and keeps what was there", async () => {
    const link = authorise(provider, "https://graph.example");
    const context = { request: "https://graph.example/v1.0/x", options: { method: "GET", headers: { accept: "x" } } };
    await link.execute(context);
    expect(context.options.method).toBe("GET");
    expect(Object.fromEntries(new Headers(context.options.headers))).toEqual({
      accept: "x",
      authorization: "Bearer secret-token",
    });
  });

  it("does not wait for a token any longer than the try lasts", async () => {
    const waiting = new AbortController();
    const link = authorise({ getAccessToken: () => new Promise(() => {}) }, "https://graph.example");
    const work = link.execute({ request: "https://graph.example/v1.0/x", options: { signal: waiting.signal } });
    waiting.abort(new DOMException("took too long", "TimeoutError"));
    await expect(work).rejects.toMatchObject({ customError: { code: "tokenUnavailable", sent: false } });
  });
});
