import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { respondStatus } from "../../../shared/status/page.ts";
import type { Status } from "../../../shared/status/status.ts";
import { aHealth, aStatus } from "../../fixtures/a-status.ts";
import { at, isoAt } from "../../fixtures/principal-builders.ts";
import { findChromium } from "../support/find-chromium.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox"] });
});
afterAll(() => browser.close());

interface Order {
  readonly url: string;
  readonly contentType: string | undefined;
  readonly body: unknown;
}

/** Serves the page as the app does, and notes the orders that it sends. */
async function serve(first: Status) {
  const orders: Order[] = [];
  const shown = { status: first, refused: false };
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { url = "", headers } = request;
      orders.push({ url, contentType: headers["content-type"], body: JSON.parse(Buffer.concat(chunks).toString()) });
      response.writeHead(shown.refused ? 403 : 200, { "content-type": "application/json" });
      response.end(
        JSON.stringify(shown.refused ? { problems: ["You may read, not operate."] } : { note: "All instances stop." }),
      );
      return;
    }
    const answer = respondStatus(shown.status, request.headers.accept ?? null);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/status?code=the-key`;
  return { url, orders, shown, [Symbol.asyncDispose]: async () => void server.close() };
}

/** Opens the page at the time that it tells, and notes what it asks for and what it complains of. */
async function open(url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const requested: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => requested.push(request.url()));
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.clock.install({ time: at(0) });
  await page.goto(url);
  return { page, requested, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** Everything that axe-core finds, by rule and place. Evaluated by the debugger, so that the page's policy stays as it is. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<axe.AxeResults>("axe.run()");
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

describe.each(["light", "dark"] as const)("%s", (colorScheme) => {
  test("with 500 outcomes axe-core finds nothing, and the page asks only for itself", async () => {
    await using site = await serve(aStatus({ outcomes: 500 }));
    await using seen = await open(site.url, { colorScheme });
    expect(await seen.page.locator("tbody").last().locator("tr").count()).toBe(500);
    expect(await violations(seen.page)).toEqual([]);
    expect(new Set(seen.requested)).toEqual(new Set([site.url]));
    expect(seen.complaints).toEqual([]);
  });
});

test("on a phone only tables scroll sideways, never the page, whatever is wrong", async () => {
  const letter = { messageId: "5c2f0d0e-0000-4000-8000-000000000001", principalId: null, code: "SIGNAL_UNREADABLE" };
  const parked = { ...letter, reason: "The message is no signal: principalId is missing.", parkedAt: isoAt(-300) };
  const health = aHealth({ healthy: false, problems: ["It waits."], deadLetters: 1, newestDeadLetters: [parked] });
  await using site = await serve(aStatus({ health }));
  await using seen = await open(site.url, { viewport: { width: 360, height: 740 }, isMobile: true });
  const widths = await seen.page.evaluate<number[]>("[document.documentElement.scrollWidth, window.innerWidth]");
  expect(widths[0]).toBe(widths[1]);
  expect(await violations(seen.page)).toEqual([]);
});

test("an end that comes nearer is counted down, by the app's clock", async () => {
  await using site = await serve(aStatus());
  await using seen = await open(site.url);
  const first = seen.page.locator("time").first();
  await seen.page.clock.runFor(1000);
  expect(await first.textContent()).toBe("in 1 min 14 s");
  await seen.page.clock.runFor(2000);
  expect(await first.textContent()).toBe("in 1 min 12 s");
});

test("the page takes in what is new, and says so when it cannot", async () => {
  await using site = await serve(aStatus());
  await using seen = await open(site.url);
  site.shown.status = aStatus({ health: aHealth({ mode: "reportOnly" }), at: isoAt(5) });
  await seen.page.clock.runFor(5000);
  await seen.page.getByRole("list").getByText("reportOnly").waitFor();
  await seen.page.route("**/*", (route) => route.abort());
  await seen.page.clock.runFor(5000);
  await seen.page.getByText("could not be refreshed").waitFor();
});

describe("an order", () => {
  test("goes out as JSON with its reason, and its answer is told to everybody, by ear too", async () => {
    await using site = await serve(aStatus());
    await using seen = await open(site.url);
    await seen.page.getByLabel('Reason for "Stop all revokes"').fill("drill");
    await seen.page.getByRole("button", { name: "Stop all revokes" }).click();
    await seen.page.getByRole("status").getByText("All instances stop.").waitFor();
    expect(site.orders).toEqual([
      { url: "/api/operations/stop?code=the-key", contentType: "application/json", body: { reason: "drill" } },
    ]);
  });

  test("without a reason is not sent", async () => {
    await using site = await serve(aStatus());
    await using seen = await open(site.url);
    await seen.page.getByRole("button", { name: "Stop all revokes" }).click();
    expect(await seen.page.locator("input:invalid").count()).toBeGreaterThan(0);
    expect(site.orders).toEqual([]);
  });

  test("that is refused says why", async () => {
    await using site = await serve(aStatus());
    await using seen = await open(site.url);
    site.shown.refused = true;
    await seen.page.getByLabel('Reason for "Stop all revokes"').fill("drill");
    await seen.page.getByLabel('Reason for "Stop all revokes"').press("Enter");
    await seen.page.getByRole("status").getByText("stop was refused (403). You may read, not operate.").waitFor();
  });
});
