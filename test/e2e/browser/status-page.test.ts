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

/** Opens the page at the time that it shows, and notes what it asks for and what it complains of. */
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
    expect(await seen.page.locator("#outcomes tbody tr").count()).toBe(500);
    expect(await violations(seen.page)).toEqual([]);
    expect(new Set(seen.requested)).toEqual(new Set([site.url]));
    expect(seen.complaints).toEqual([]);
  });
});

test("on a phone only tables scroll sideways, never the page, whatever is wrong", async () => {
  const letter = { messageId: "5c2f0d0e-0000-4000-8000-000000000001", principalId: null, code: "SIGNAL_UNREADABLE" };
  const parked = { ...letter, reason: "The message is no signal: principalId is missing.", parkedAt: isoAt(-300) };
  const conditions = [
    { kind: "stopped", since: isoAt(-60), by: letter.messageId, why: "Nothing is revoked." },
  ] as const;
  const wrong = { healthy: false, state: "stopped", conditions, problems: ["It waits."] } as const;
  const health = aHealth({ ...wrong, deadLetters: 1, newestDeadLetters: [parked] });
  await using site = await serve(aStatus({ health }));
  await using seen = await open(site.url, { viewport: { width: 360, height: 740 }, isMobile: true });
  const widths = await seen.page.evaluate<number[]>("[document.documentElement.scrollWidth, window.innerWidth]");
  expect(widths[0]).toBe(widths[1]);
  expect(await violations(seen.page)).toEqual([]);
});

test.each([360, 1900])("a table that goes on says so, and one that does not says nothing: %i pixels", async (width) => {
  await using site = await serve(aStatus());
  await using seen = await open(site.url, { viewport: { width, height: 740 }, isMobile: width < 500 });
  const cut = await seen.page.evaluate<number>(
    "[...document.querySelectorAll('.scroll')].filter((box) => box.checkVisibility() && box.scrollWidth > box.clientWidth).length",
  );
  expect(cut > 0).toBe(width < 500);
  expect(await seen.page.locator(".hint:visible").count()).toBe(cut);
});

test("on a phone the day shows now first, with the names, and stays where it was scrolled to", async () => {
  await using site = await serve(aStatus());
  await using phone = await open(site.url, { viewport: { width: 360, height: 740 }, isMobile: true });
  const picture = phone.page.getByRole("region", { name: "A day at a glance, drawn" });
  const now = await picture.locator("text.now").boundingBox();
  expect(now?.x).toBeGreaterThan(0);
  expect(now?.x).toBeLessThan(340);
  expect(await picture.locator("tspan.narrow").first().isVisible()).toBe(true);
  await phone.page.evaluate("document.querySelector('[data-now]').scrollLeft = 50");
  site.shown.status = aStatus({ at: isoAt(5) });
  await phone.page.clock.runFor(5000);
  await phone.page.getByText("09:00:05").first().waitFor();
  expect(await phone.page.evaluate("document.querySelector('[data-now]').scrollLeft")).toBe(50);
});

test("the day is a table as well, for a screen reader too", async () => {
  await using site = await serve(aStatus());
  await using seen = await open(site.url);
  await seen.page.getByText("The same as a table").click();
  const rows = seen.page.getByRole("region", { name: "A day at a glance", exact: true }).getByRole("row");
  expect(await rows.count()).toBe(5);
  expect(await rows.nth(3).textContent()).toContain("revoked");
  expect(await violations(seen.page)).toEqual([]);
});

test("beside UTC stands the time of the reader's clock, also in a fresh copy", async () => {
  await using site = await serve(aStatus());
  await using seen = await open(site.url, { timezoneId: "Europe/Berlin" });
  const head = seen.page.locator("main > p").first();
  expect(await head.textContent()).toContain("2026-01-05 09:00:00 (10:00:00)");
  expect(await head.textContent()).toContain("Europe/Berlin");
  site.shown.status = aStatus({ at: isoAt(5) });
  await seen.page.clock.runFor(5000);
  await head.getByText("09:00:05 (10:00:05)").waitFor();
});

describe("the axis of the day", () => {
  const labels = (page: Page) => page.locator("svg.day text").allTextContents();

  test.each([1360, 390])(
    "has the time of the reader's clock below UTC, and none meets another: %i pixels",
    async (width) => {
      await using site = await serve(aStatus());
      const options = { timezoneId: "Asia/Kolkata", viewport: { width, height: 800 }, isMobile: width < 500 };
      await using seen = await open(site.url, options);
      const shown = await labels(seen.page);
      expect(shown).toEqual(expect.arrayContaining([expect.stringMatching(/^UTC\(Asia\/\w+\)$/), "12:00(17:30)"]));
      const boxes = await seen.page.evaluate<{ left: number; right: number; size: number }[]>(`
      [...document.querySelectorAll("svg.day [data-local]")].map((local) => {
        const { left, right, height } = local.closest("text").getBoundingClientRect();
        return { left, right, size: height };
      })`);
      expect(boxes.length).toBeGreaterThan(5);
      for (const [index, { left, size }] of boxes.entries()) {
        expect(left).toBeGreaterThan(boxes[index - 1]?.right ?? Number.NEGATIVE_INFINITY);
        // Two rows of at least eleven pixels each.
        expect(size).toBeGreaterThan(22);
      }
      expect(await violations(seen.page)).toEqual([]);
    },
  );

  test("has UTC alone for whose clock shows UTC", async () => {
    await using site = await serve(aStatus());
    await using seen = await open(site.url, { timezoneId: "UTC" });
    expect(await labels(seen.page)).toEqual(expect.arrayContaining(["UTC", "12:00"]));
  });
});

test("500 outcomes are filtered by words, also after a fresh copy", async () => {
  await using site = await serve(aStatus({ outcomes: 500 }));
  await using seen = await open(site.url);
  const rows = seen.page.locator("#outcomes tbody tr:visible");
  await seen.page.getByLabel("Show only what contains").fill("000000000042 administrator");
  expect(await rows.count()).toBe(1);
  expect(await seen.page.getByText("1 of 500 shown").count()).toBe(1);
  await seen.page.getByLabel("Show only what contains").blur();
  site.shown.status = aStatus({ outcomes: 500, at: isoAt(5) });
  await seen.page.clock.runFor(5000);
  await seen.page.getByText("09:00:05").first().waitFor();
  expect(await rows.count()).toBe(1);
});

test("an id is copied by its button", async () => {
  await using site = await serve(aStatus());
  await using seen = await open(site.url, { permissions: ["clipboard-read", "clipboard-write"] });
  const id = "00000000-0000-4000-8000-000000000003";
  await seen.page
    .getByRole("button", { name: `Copy ${id}` })
    .first()
    .click();
  await seen.page.getByRole("status").getByText(`Copied ${id}.`).waitFor();
  expect(await seen.page.evaluate("navigator.clipboard.readText()")).toBe(id);
});

test("probes that Graph does not support are folded away, and stay open for whoever opened them", async () => {
  const sources = { probe: { state: "unsupported" as const, lastAt: null, detail: "ExtensionError" } };
  await using site = await serve(aStatus({ health: aHealth({ sources }) }));
  await using seen = await open(site.url);
  const probe = seen.page.getByText("ExtensionError");
  const summary = seen.page.getByText("Probes that Graph does not support");
  expect(await probe.isVisible()).toBe(false);
  await summary.click();
  expect(await probe.isVisible()).toBe(true);
  await summary.blur();
  site.shown.status = aStatus({ health: aHealth({ sources }), at: isoAt(5) });
  await seen.page.clock.runFor(5000);
  await seen.page.getByText("09:00:05").first().waitFor();
  expect(await probe.isVisible()).toBe(true);
});

test("an end that comes nearer is counted down, by the app's clock", async () => {
  await using site = await serve(aStatus());
  await using seen = await open(site.url);
  const first = seen.page.locator("[data-countdown]").first();
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
  test("goes out as JSON with its reason, and its answer is announced to everybody, by ear too", async () => {
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

  test("that cuts many asks once more: only a yes sends it", async () => {
    await using site = await serve(aStatus({ waitingPeople: 3 }));
    await using seen = await open(site.url);
    const label = "Release what waits for an operator, of 3 people";
    const asked: string[] = [];
    let answer = false;
    seen.page.on("dialog", (dialog) => {
      asked.push(dialog.message());
      void (answer ? dialog.accept() : dialog.dismiss());
    });
    await seen.page.getByLabel(`Reason for "${label}"`).fill("all of it is real");
    await seen.page.getByRole("button", { name: label }).click();
    expect(asked).toEqual([expect.stringContaining("of 3 people?")]);
    expect(site.orders).toEqual([]);
    answer = true;
    await seen.page.getByRole("button", { name: label }).click();
    await seen.page.getByRole("status").getByText("Done: release.").waitFor();
    expect(site.orders).toMatchObject([{ body: { reason: "all of it is real" } }]);
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
