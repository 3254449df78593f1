import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aCard, drawCard } from "../../screenshots/draw-card.ts";
import { findChromium } from "../support/find-chromium.ts";

let browser: Browser;
let script: string;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox"] });
  script = await readFile(createRequire(import.meta.url).resolve("adaptivecards/dist/adaptivecards.min.js"), "utf8");
});
afterAll(() => browser.close());

async function draw(name: string, colorScheme: "light" | "dark") {
  const context = await browser.newContext({ viewport: { width: 640, height: 520 }, colorScheme });
  const page = await context.newPage();
  const requested: string[] = [];
  page.on("request", (request) => requested.push(request.url()));
  await page.setContent(drawCard(aCard(name), script, colorScheme));
  return { page, requested, [Symbol.asyncDispose]: () => context.close() };
}

describe.each(["light", "dark"] as const)("a card, drawn by Microsoft's own renderer, %s", (scheme) => {
  test("shows everything that it says, in lines that fit", async () => {
    await using drawn = await draw("Jane Doe", scheme);
    const text = await drawn.page.locator("#card").innerText();
    for (const part of ["Sign-in sessions revoked", "Who: Jane Doe", "User Administrator", "Not cut: Access tokens"])
      expect(text).toContain(part);
    expect(await drawn.page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    expect(drawn.requested).toEqual([]);
  });

  test.each([
    ["<img src=https://evil.example/x onerror=\"document.title='owned'\">"],
    ["[Sign in](https://evil.example) **now**"],
    ["<at>everyone</at> {{DATE(2026-01-01T00:00:00Z,SHORT)}}"],
  ])("shows an attack as text: %s", async (name) => {
    await using drawn = await draw(name, scheme);
    expect(await drawn.page.locator("#card a, #card img, #card strong, #card script").count()).toBe(0);
    expect(await drawn.page.title()).not.toBe("owned");
    expect(drawn.requested).toEqual([]);
  });
});
