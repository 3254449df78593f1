import { QueueClient } from "@azure/storage-queue";
import { describe, inject, it, vi } from "vitest";
import { loadDeadLetters } from "../../shared/operators/pending.ts";
import { signalsQueue } from "../../shared/storage/queue.ts";
import { startProxy } from "./support/proxy.ts";
import { createWorld } from "./support/world.ts";

describe("storage that answers too late", () => {
  it("does not hide for minutes a message that the host gave up on", async ({ expect }) => {
    const direct = inject("storage").slowstorage ?? "";
    const tables = /TableEndpoint=(http:\/\/[^/;]+)/.exec(direct)?.[1] ?? "";
    expect(tables).toContain("127.0.0.1");
    let unanswered = 0;
    await using proxy = await startProxy(tables, ({ method, body }) => {
      if (method !== "POST" || !body.includes("deadLetters") || unanswered === 2) return false;
      unanswered += 1;
      return true;
    });
    await using world = await createWorld("slowstorage", direct.replace(tables, proxy.url));
    await world.startHost();

    const queue = new QueueClient(world.connectionString, `${signalsQueue}-poison`);
    await queue.createIfNotExists();
    await queue.sendMessage(Buffer.from("{ this is no JSON").toString("base64"));
    const letters = await vi.waitFor(
      async () => {
        const parked = (await loadDeadLetters(world.sealed.state)).parked.map(({ letter }) => letter);
        expect(parked).toHaveLength(1);
        return parked;
      },
      { timeout: 60_000, interval: 500 },
    );
    expect(letters).toMatchObject([{ principalId: null, code: "SIGNAL_UNREADABLE" }]);
    expect(unanswered).toBe(2);
  });
});
