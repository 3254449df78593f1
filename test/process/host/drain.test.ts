import { describe, expect, it } from "vitest";
import { runHost } from "./support/run-host.ts";
import { tinyFunctions } from "./support/tiny-app.ts";

const functions = `
let finish;
const finished = new Promise((resolve) => { finish = resolve; });
app.hook.appTerminate(() => console.error("terminating"));
app.http("long", { authLevel: "anonymous", handler: async (request, context) => {
  context.log("entered");
  process.once("SIGUSR2", finish);
  await finished;
  return { body: "done" };
} });`;

describe("drain", () => {
  it("waits for running invocations, runs appTerminate and exits with 0", async () => {
    const host = runHost(await tinyFunctions(functions));
    const { url } = await host.listening();
    const answer = fetch(`${url}/api/long`).then((response) => response.text());
    await host.waitForLog(/entered/);
    host.kill("SIGTERM");
    await host.waitForLog(/draining/);
    await expect(fetch(`${url}/api/long`)).rejects.toThrow();
    host.kill("SIGUSR2");
    expect(await answer).toBe("done");
    expect(await host.exited).toBe(0);
    expect(host.logs.findIndex((line) => line.includes("terminating"))).toBeGreaterThan(
      host.logs.findIndex((line) => line.includes("Executed")),
    );
  });

  it("exits at once on a second Ctrl-C", async () => {
    const host = runHost(await tinyFunctions(functions));
    const { url } = await host.listening();
    const answer = expect(fetch(`${url}/api/long`)).rejects.toThrow();
    await host.waitForLog(/entered/);
    host.kill("SIGINT");
    await host.waitForLog(/draining/);
    host.kill("SIGINT");
    expect(await host.exited).toBe(130);
    await answer;
    expect(host.logs.join("\n")).not.toContain("terminating");
  });
});
