import { once } from "node:events";
import { createServer } from "node:http";
import { ClientCertificateCredential, ClientSecretCredential } from "@azure/identity";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createCredential } from "../../../shared/base/credential.ts";

const app = {
  tenantId: "d4d4d4d4-0004-4abc-8def-0123456789ab",
  clientId: "e5e5e5e5-0005-4abc-8def-0123456789ab",
  authorityHost: "https://login.microsoftonline.us",
};

/** The identity endpoint of App Service, on the loopback interface, and what it was asked. One for all: MSAL keeps its address. */
let asked: { readonly query: URLSearchParams; readonly secret: unknown }[] = [];
const server = createServer((request, response) => {
  const { searchParams: query } = new URL(request.url ?? "", "http://127.0.0.1");
  asked.push({ query, secret: request.headers["x-identity-header"] });
  const expires_on = String(Math.floor(Date.now() / 1_000) + 3_600);
  const token = { access_token: "the-token", expires_on, resource: query.get("resource"), token_type: "Bearer" };
  response.setHeader("content-type", "application/json").end(JSON.stringify(token));
});

beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server is not listening");
  vi.stubEnv("IDENTITY_ENDPOINT", `http://127.0.0.1:${address.port}/msi/token`);
  vi.stubEnv("IDENTITY_HEADER", "endpoint-secret");
});

beforeEach(() => {
  asked = [];
});

afterAll(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await once(server.close(), "close");
});

describe("createCredential", () => {
  it("gets the token of the system-assigned identity from App Service, and keeps it", async () => {
    const credential = createCredential({ kind: "managedIdentity" });
    const first = await credential.getToken("https://graph.microsoft.com/.default");
    const second = await credential.getToken("https://graph.microsoft.com/.default");
    expect([first?.token, second?.token]).toEqual(["the-token", "the-token"]);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.secret).toBe("endpoint-secret");
    expect(asked[0]?.query.get("resource")).toBe("https://graph.microsoft.com");
    expect(asked[0]?.query.has("client_id")).toBe(false);
  });

  it("gets the token of a user-assigned identity", async () => {
    const credential = createCredential({ kind: "managedIdentity", clientId: app.clientId });
    await credential.getToken("https://graph.microsoft.us/.default");
    expect(asked[0]?.query.get("client_id")).toBe(app.clientId);
    expect(asked[0]?.query.get("resource")).toBe("https://graph.microsoft.us");
  });

  it("knows client secrets and certificates for development", () => {
    expect(createCredential({ ...app, kind: "clientSecret", clientSecret: "s" })).toBeInstanceOf(
      ClientSecretCredential,
    );
    expect(createCredential({ ...app, kind: "clientCertificate", certificatePath: "app.pem" })).toBeInstanceOf(
      ClientCertificateCredential,
    );
  });
});
