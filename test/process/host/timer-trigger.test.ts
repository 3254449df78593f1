import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite/start-azurite.ts";
import { runHost } from "./support/run-host.ts";
import { tinyFunctions } from "./support/tiny-app.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

describe("timer trigger", () => {
  it("fires by its schedule, again after a failure, with the timer object of Azure", async () => {
    const folder = await tinyFunctions(
      `app.timer("tick", { schedule: "%EVERY%", handler: (timer) => { console.error("timer", JSON.stringify(timer)); throw new Error("no"); } });`,
    );
    const host = runHost(folder, { AzureWebJobsStorage: azurite.connectionString, EVERY: "* * * * * *" });
    const line = await host.waitForLog(/^timer/, 2);
    expect(JSON.parse(line.slice("timer".length))).toEqual({
      schedule: { adjustForDST: true },
      scheduleStatus: null,
      isPastDue: false,
    });
  });

  it("runs on one of two hosts of the app, and on the other when that one has gone", async () => {
    const folder = await tinyFunctions(
      `app.timer("start", { schedule: "0 0 0 1 1 *", runOnStartup: true, handler: (timer) => console.error("ran", JSON.stringify(timer)) });
       app.http("page", { authLevel: "anonymous", handler: () => ({}) });`,
      { singleton: { listenerLockRecoveryPollingInterval: "00:00:00.100" } },
    );
    const env = { AzureWebJobsStorage: azurite.connectionString };
    const first = runHost(folder, env);
    const line = await first.waitForLog(/^ran/);
    expect(JSON.parse(line.slice("ran".length))).toMatchObject({ scheduleStatus: { last: "0001-01-01T00:00:00" } });
    const second = runHost(folder, env);
    await second.listening();
    first.kill("SIGTERM");
    expect(await first.exited).toBe(0);
    await second.waitForLog(/^ran/);
    expect(second.logs.filter((text) => text.startsWith("ran"))).toHaveLength(1);
  });
});
