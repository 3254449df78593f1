import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { given } from "../../local/setup/given.ts";
import { type Choice, linesOf, pollsInLog } from "./compute.ts";
import counts from "./counts.json" with { type: "json" };
import prices from "./prices.json" with { type: "json" };

const usual: Choice = { http: 1, principals: 1, resync: 1, heartbeat: 1, resyncSeconds: 10, alertMinutes: 5 };
/** Ends are awaited as fast; what nobody announced is found a minute later, and by cold starts. */
const least: Choice = { http: 0, principals: 1, resync: 0, heartbeat: 0, resyncSeconds: 60, alertMinutes: 15 };

const dollars = (value: number): string => value.toFixed(value < 1 ? 1 : 0);

/** The part of docs/cost.md that is computed. */
export function computedPart(): string {
  const [all, few] = [linesOf(usual), linesOf(least)];
  const [ifLogged, fewIfLogged] = [pollsInLog(usual), pollsInLog(least)];
  const total = (lines: typeof all) => lines.reduce((sum, line) => sum + line.dollars, 0);
  return [
    `Counted on ${counts.measured}, over ${counts.minutes} quiet minutes with ${counts.watched} watched assignments, at a load of ${counts.load} on two cores; prices of ${prices.asOf}.`,
    "",
    "| what | how it is computed, for the defaults | defaults | the least that works |",
    "| --- | --- | --- | --- |",
    ...all.map(
      ({ what, how, dollars: price }, at) =>
        `| ${what} | ${how} | ${dollars(price)} | ${dollars(few[at]?.dollars ?? 0)} |`,
    ),
    `| **together** | | **${dollars(total(all))}** | **${dollars(total(few))}** |`,
    `| ${ifLogged.what} | ${ifLogged.how} | ${dollars(ifLogged.dollars)} | ${dollars(fewIfLogged.dollars)} |`,
    `| audit stream, if on | event hubs, Standard, one throughput unit, and its instance | ${dollars(prices.eventHubsThroughputUnit + prices.instanceGB * prices.secondsAMonth * prices.alwaysReadyGBSecond)} | |`,
    `| private networking, if on | six private endpoints x $${prices.privateEndpoint}; seven with \`PUBLIC_INBOUND=false\` | ${dollars(6 * prices.privateEndpoint)} | |`,
  ].join("\n");
}

const marked = /<!-- computed -->[\s\S]*<!-- end -->/;

const help = `node infra/cost/write-table.ts

Computes the tables of docs/cost.md from infra/cost/counts.json and infra/cost/prices.json.

  --help  says this
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  given(help, (args) => parseArgs({ args, options: {} }));
  const path = fileURLToPath(new URL("../../docs/cost.md", import.meta.url));
  const text = await readFile(path, "utf8");
  await writeFile(
    path,
    text.replace(marked, () => `<!-- computed -->\n${computedPart()}\n<!-- end -->`),
  );
}
