import { type AccessToken, AuthenticationError } from "@azure/identity";
import { describe, expect, test } from "vitest";
import { connectStorage } from "../../../shared/storage/connect.ts";
import { StorageRefusedError, StorageUnavailableError } from "../../../shared/storage/table.ts";

// Nothing listens on this port: a call that gets a token ends there.
const url = "https://127.0.0.1:1/pimcutoff";

function connect(getToken: () => Promise<AccessToken>) {
  const asked: { clientIds: (string | undefined)[]; scopes: string[] } = { clientIds: [], scopes: [] };
  const settings = { kind: "identity", clientId: "an-identity", tableUrl: url, queueUrl: url } as const;
  const storage = connectStorage(settings, (clientId) => {
    asked.clientIds.push(clientId);
    return {
      getToken(scopes) {
        asked.scopes.push(...[scopes].flat());
        return getToken();
      },
    };
  });
  const calls = [
    () => storage.table("principals").get("p", "a"),
    () => storage.table("principals").commit("p", [{ type: "upsert", row: "a", content: 1 }]),
    () => storage.queue("principals").send("message", 0),
  ];
  return { asked, calls };
}

describe("storage by managed identity", () => {
  test("asks the identity of the settings for tokens of storage and of nothing else", async () => {
    const { asked, calls } = connect(async () => ({ token: "a token", expiresOnTimestamp: Date.now() + 3_600_000 }));
    for (const call of calls) await expect(call()).rejects.toThrow(StorageUnavailableError);
    expect(asked.clientIds).toEqual(["an-identity"]);
    expect(new Set(asked.scopes)).toEqual(new Set(["https://storage.azure.com/.default"]));
  });

  test("an identity that gets no token is a refusal that says what to do", async () => {
    const { calls } = connect(() => Promise.reject(new AuthenticationError(400, '{"error":"invalid_client"}')));
    for (const call of calls) await expect(call()).rejects.toThrow(StorageRefusedError);
  });
});
