import { rm } from "node:fs/promises";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { runHost } from "./support/run-host.ts";
import { tinyApp, tinyFunctions } from "./support/tiny-app.ts";

const hello = `const { app } = require("@azure/functions");
app.http("hello", { authLevel: "anonymous", handler: () => ({ body: "hello" }) });`;

describe("loading an app", () => {
  it("blocks the whole app when a file throws", async () => {
    const host = runHost(await tinyApp({ "a.cjs": hello, "b.cjs": `throw new Error("no such setting");` }));
    expect(await host.exited).toBe(1);
    expect(host.logs.join("\n")).toMatch(/unable to load entry point "b.cjs"[\s\S]*no such setting/);
    expect(host.output).toEqual([]);
  });

  it("refuses two functions of the same name", async () => {
    const host = runHost(await tinyApp({ "a.cjs": hello, "b.cjs": hello.replace("hello", "Hello") }));
    expect(await host.exited).toBe(1);
    expect(host.logs.join("\n")).toContain('A function named "Hello" exists already');
  });

  it("says that the app must be built when nothing matches main", async () => {
    const host = runHost(await tinyApp({}));
    expect(await host.exited).toBe(1);
    expect(host.logs.join("\n")).toContain("build the app first");
  });

  it("refuses a host.json that it cannot follow", async () => {
    const host = runHost(await tinyApp({ "a.cjs": hello }, { extensions: { queues: { batchSize: 33 } } }));
    expect(await host.exited).toBe(1);
    expect(host.logs.join("\n")).toMatch(/hostJsonInvalid[\s\S]*batchSize/);
  });

  it("lets app settings override host.json", async () => {
    const folder = await tinyApp({ "a.cjs": hello }, { extensions: { http: { routePrefix: "file" } } });
    const { url } = await runHost(folder, { AzureFunctionsJobHost__extensions__http__routePrefix: "set" }).listening();
    expect((await fetch(`${url}/set/hello`)).status).toBe(200);
  });

  it("judges what app settings override as it judges host.json", async () => {
    const folder = await tinyApp({ "a.cjs": hello });
    const batchSize = (size: string) => ({ AzureFunctionsJobHost__extensions__queues__batchSize: size });
    const refused = runHost(folder, batchSize("33"));
    expect(await refused.exited).toBe(1);
    expect(refused.logs.join("\n")).toMatch(/hostJsonInvalid[\s\S]*batchSize/);
    expect((await runHost(folder, batchSize("32")).listening()).functions).toEqual(["hello"]);
  });

  it("loads every file of the glob, CommonJS and ES modules", async () => {
    const esm = `import { app } from "@azure/functions"; app.http("world", { authLevel: "anonymous", handler: () => ({}) });`;
    const files = { "package.json": JSON.stringify({ main: "{a.cjs,b.mjs}" }), "a.cjs": hello, "b.mjs": esm };
    const { functions } = await runHost(await tinyApp(files)).listening();
    expect(functions).toEqual(["hello", "world"]);
  });

  it("runs a minified bundle that needs no node_modules, as it is deployed", async () => {
    const folder = await tinyApp({ "package.json": JSON.stringify({ type: "module", main: "dist/main.cjs" }) });
    buildSync({
      stdin: { contents: hello, resolveDir: "." },
      outfile: join(folder, "dist/main.cjs"),
      bundle: true,
      minify: true,
      platform: "node",
      external: ["@azure/functions-core"],
    });
    await rm(join(folder, "node_modules"));
    const { url } = await runHost(folder).listening();
    expect(await (await fetch(`${url}/api/hello`)).text()).toBe("hello");
  });

  it("leaves out a function in error and a disabled one, and runs the others", async () => {
    const folder = await tinyFunctions(`
      const handler = () => ({});
      app.http("good", { handler });
      app.http("off", { handler });
      app.storageQueue("bad", { queueName: "%NO_SUCH_SETTING%", connection: "", handler });
      app.http("writes", { handler, extraOutputs: [{ type: "queue", name: "out" }] });`);
    const host = runHost(folder, { "AzureWebJobs.off.Disabled": "true" });
    expect((await host.listening()).functions).toEqual(["good"]);
    await host.waitForLog(/'bad' function is in error.*NO_SUCH_SETTING/);
    await host.waitForLog(/'writes' function is in error.*"queue"/);
    await host.waitForLog(/'off' is disabled/);
  });

  it("takes settings from local.settings.json where the environment has none", async () => {
    const folder = await tinyApp({
      "local.settings.json": JSON.stringify({ IsEncrypted: false, Values: { FROM_FILE: "file", FROM_ENV: "file" } }),
      "a.cjs": `console.log("settings", process.env.FROM_FILE, process.env.FROM_ENV);`,
    });
    const host = runHost(folder, { FROM_ENV: "env" });
    expect(await host.waitForLog(/^settings/)).toBe("settings file env");
  });

  it("stops when its port is taken", async () => {
    const folder = await tinyApp({ "a.cjs": hello });
    const { url } = await runHost(folder).listening();
    const second = runHost(folder, {}, ["--port", new URL(url).port]);
    expect(await second.exited).toBe(1);
    expect(second.logs.join("\n")).toContain("EADDRINUSE");
  });

  it("keeps what the app prints off stdout", async () => {
    const host = runHost(await tinyApp({ "a.cjs": `${hello} console.log('{"from":"app"}');` }));
    await host.listening();
    await host.waitForLog(/"from":"app"/);
    expect(host.output).toHaveLength(1);
  });
});
