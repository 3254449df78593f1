import { describe, expect, it } from "vitest";
import { runHost } from "./support/run-host.ts";
import { tinyFunctions } from "./support/tiny-app.ts";

describe("one invocation", () => {
  it("runs the hooks around the handler in order, and they may change inputs, handler and outcome", async () => {
    const folder = await tinyFunctions(`
      const steps = [];
      app.hook.appStart((context) => { context.hookData.x = 1; steps.push("appStart"); });
      app.hook.preInvocation((context) => {
        steps.push("pre " + context.invocationContext.functionName);
        context.hookData.seen = "pre";
        const handler = context.functionHandler;
        context.functionHandler = async (...args) => { steps.push("wrapped"); return handler(...args); };
      });
      app.hook.postInvocation((context) => {
        steps.push("post " + context.hookData.seen + " " + context.error?.message);
        if (context.error) { context.error = undefined; context.result = { jsonBody: steps }; }
      });
      app.http("failing", { authLevel: "anonymous", handler: () => { steps.push("handler"); throw new Error("oops"); } });`);
    const { url } = await runHost(folder).listening();
    const response = await fetch(`${url}/api/failing`);
    expect(await response.json()).toEqual(["appStart", "pre failing", "wrapped", "handler", "post pre oops"]);
  });

  it("prints logs with the function's name and its invocation id, and lets log hooks change them", async () => {
    const folder = await tinyFunctions(`
      app.hook.log((context) => { context.message = context.message.replace("secret", "***"); });
      app.http("talks", { authLevel: "anonymous", handler: (request, context) => {
        context.warn("a secret", 42);
        return { body: context.invocationId };
      } });`);
    const host = runHost(folder, {}, ["--quiet"]);
    const { url } = await host.listening();
    const id = await (await fetch(`${url}/api/talks`)).text();
    expect(await host.waitForLog(/\*\*\* 42/)).toContain(`WARN  [talks ${id.slice(0, 8)}] a *** 42`);
    expect(host.logs).toHaveLength(1);
  });

  it("refuses a function that is registered after start-up", async () => {
    const folder = await tinyFunctions(`
      app.http("late", { authLevel: "anonymous", handler: () => {
        try { app.http("more", { handler: () => ({}) }); } catch (error) { return { body: error.message }; }
      } });`);
    const { url } = await runHost(folder).listening();
    expect(await (await fetch(`${url}/api/late`)).text()).toContain("during app startup");
  });
});
