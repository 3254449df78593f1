import { describe, it, vi } from "vitest";
import { readHealth } from "./support/health.ts";
import { openWorld } from "./support/world.ts";

describe.concurrent("an app", () => {
  it("with bad settings has only its liveness endpoint, which says 503", async ({ expect }) => {
    await using world = await openWorld("badsettings");
    const { url, functionKey, masterKey } = await world.startHost({ RESYNC_SECONDS: "7", CUTOFF_MODE: "enforced" });
    const live = await fetch(`${url}/api/live`);
    expect({ status: live.status, body: await live.text() }).toEqual({ status: 503, body: "" });
    const health = await fetch(`${url}/api/health`, { headers: { "x-functions-key": functionKey } });
    expect(health.status).toBe(404);
    const functions = await fetch(`${url}/admin/functions`, { headers: { "x-functions-key": masterKey } });
    expect(await functions.json()).toMatchObject([{ name: "live" }]);
  });

  it("with good settings is alive to anyone, and shows its health to those with the key", async ({ expect }) => {
    await using world = await openWorld("goodsettings");
    const startedAt = Date.now() - 1000;
    const host = await world.startHost();
    const live = await fetch(`${host.url}/api/live`);
    expect({ status: live.status, body: await live.text() }).toEqual({ status: 200, body: "" });
    const refused = await Promise.all([
      fetch(`${host.url}/api/health`),
      fetch(`${host.url}/api/health?code=wrong`),
      fetch(`${host.url}/api/health`, { headers: { "x-functions-key": "" } }),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401]);
    await world.calmHistory();
    const health = await vi.waitFor(
      async () => {
        const answer = await readHealth(host);
        expect(answer.healthy).toBe(true);
        return answer;
      },
      { timeout: 20_000, interval: 200 },
    );
    expect(health).toMatchObject({ status: 200, problems: [], mode: "enforce", storage: "ok", deadLetters: 0 });
    expect(health.pending).toEqual({ principals: 0, oldestSince: null, inReview: 0 });
    for (const time of [health.lastResync.startedAt, health.lastResync.finishedAt, health.lastGraphSuccess]) {
      expect(Date.parse(time ?? "never")).toBeGreaterThanOrEqual(startedAt - 1000);
    }
  });
});
