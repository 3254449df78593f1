import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { canaries } from "../fixtures/canaries.ts";

const thrown = `Object.assign(new Error(canary, { cause: new Error(canary) }), { code: "ECONNRESET", request: { body: canary } })`;

/** A process whose host logs everything that it hears of, as Functions does, and in which this happens. */
async function runs(happens: string) {
  const script = `
    process.on("uncaughtException", (error) => { console.error("host:", error); process.exit(1); });
    process.on("unhandledRejection", (error) => { console.error("host:", error); });
    const { endOnUncaught } = await import(${JSON.stringify(new URL("../../shared/safe-errors.ts", import.meta.url).href)});
    endOnUncaught(process, console);
    const canary = ${JSON.stringify(canaries.json + canaries.token + canaries.name)};
    setTimeout(() => { ${happens} }, 0);
    setTimeout(() => console.error("still running"), 60_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { said: output + errors, code };
}

test.each([
  ["an exception that nobody caught", `throw ${thrown};`, "An exception that nobody caught", "ECONNRESET"],
  ["a rejection that nobody handled", `Promise.reject(${thrown});`, "A rejection that nobody handled", "ECONNRESET"],
  ["a text that is thrown", "throw canary;", "An exception that nobody caught", "unknown"],
  ["a rejection with a document", "Promise.reject({ message: canary, code: canary });", "A rejection", "unknown"],
])("%s is logged by its code and ends the process", async (_, happens, sentence, code) => {
  const ended = await runs(happens);
  expect(ended.code).toBe(1);
  expect(ended.said).toContain(sentence);
  expect(ended.said).toContain(`Error: ${code}`);
  for (const mark of ["Kanarienvogel", 'canary"', "eyJ", "host:", "still running"])
    expect(ended.said).not.toContain(mark);
});
