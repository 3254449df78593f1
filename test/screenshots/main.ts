// npm run screenshots: takes the pictures of the status page that the README shows, and of a card for Teams. Needs Debian's package chromium.

import { mkdir, readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright-core";
import { given } from "../../local/setup/given.ts";
import { respondStatus } from "../../shared/status/page.ts";
import { findChromium } from "../e2e/support/find-chromium.ts";
import { aCard, drawCard } from "./draw-card.ts";
import { inventedMorning } from "./invented-morning.ts";
import { pictures } from "./pictures.ts";

given(
  `npm run screenshots

Takes the pictures of docs/images: the status page and a card for Teams. Needs Debian's package chromium.

  --help  says this
`,
  (args) => parseArgs({ args, options: {} }),
);
const folder = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const status = inventedMorning();
const address = "https://pim-cutoff.example/api/status";

const browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox"] });
await mkdir(folder, { recursive: true });
for (const { name, options, from } of pictures) {
  const page = await (await browser.newContext(options)).newPage();
  // As the app answers, its policy included; nothing else is there to be asked.
  await page.route("**/*", (route) => {
    const { body, ...answer } = respondStatus(status, null);
    return route.request().url() === address ? route.fulfill({ ...answer, body }) : route.abort();
  });
  await page.clock.install({ time: status.at });
  await page.goto(address);
  await page.clock.runFor(1000);
  if (from !== undefined) await page.evaluate(`scrollTo(0, ${await topOf(page, from)} - 24)`);
  const path = `${folder}${name}.png`;
  await page.screenshot({ path });
  console.log(`docs/images/${name}.png, ${Math.ceil((await stat(path)).size / 1024)} KB`);
}
const renderer = await readFile(
  createRequire(import.meta.url).resolve("adaptivecards/dist/adaptivecards.min.js"),
  "utf8",
);
for (const colorScheme of ["light", "dark"] as const) {
  const page = await (await browser.newContext({ viewport: { width: 608, height: 380 }, colorScheme })).newPage();
  await page.setContent(drawCard(aCard("Jane Doe"), renderer, colorScheme));
  await page.screenshot({ path: `${folder}card-${colorScheme}.png` });
  console.log(`docs/images/card-${colorScheme}.png`);
}
await browser.close();

/** Where a heading is on the page, pixels. */
async function topOf(page: Page, heading: string): Promise<number> {
  const box = await page.getByRole("heading", { name: heading }).boundingBox();
  if (box === null) throw new Error(`The status page has no heading "${heading}".`);
  return box.y;
}
