import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";

const main = fileURLToPath(new URL("../../../local/tenant/main.ts", import.meta.url));
const started: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

function run(...args: string[]) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  started.push(child);
  return child;
}

const listening = z.strictObject({
  event: z.literal("listening"),
  url: z.url(),
  identityEndpoint: z.url(),
  identityHeader: z.string(),
  operatorsAudience: z.string(),
  tenantId: z.string(),
});

test.each(["SIGTERM", "SIGINT"] as const)("says where it listens, serves, and ends at %s", async (signal) => {
  const child = run("--seed", "3", "--scale", "10");
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { url } = listening.parse(JSON.parse(String(line)));
  const response = await fetch(`${url}/simulator/clock`);
  expect(response.headers.get("x-simulated")).toBe("true");
  expect(await response.json()).toMatchObject({ scale: 10 });
  child.kill(signal);
  expect(await once(child, "exit")).toEqual([0, null]);
});

test.each([
  ["--port", "x"],
  ["--scale", "-1"],
  ["--moon", "1"],
])("refuses %s %s with its usage", async (...args) => {
  const child = run(...args);
  let text = "";
  child.stderr.on("data", (chunk) => {
    text += String(chunk);
  });
  expect(await once(child, "close")).toEqual([2, null]);
  expect(text).toContain("\n\nnode local/tenant/main.ts [");
});
