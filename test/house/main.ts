import { parseArgs } from "node:util";
import { given } from "../../local/setup/given.ts";
import {
  againstTheLayers,
  filesInCircles,
  foldersInCircles,
  isShared,
  readSources,
  replacedNames,
  withOneImporter,
} from "./measure.ts";
import { filesOfSimplestFlow } from "./simplest-flow.ts";

/** `npm run house`: the counts of the house, as docs/architecture.md promises them. */
given(
  `npm run house

Counts files, lines, importers and circles of the app: what docs/architecture.md promises and test/unit/house.test.ts holds.

  --help  says this
`,
  (args) => parseArgs({ args, options: {} }),
);
const sources = readSources();
const shared = sources.filter(isShared);
const sizes = shared.map(({ lines }) => lines);
const within = (from: number, to: number) => sizes.filter((lines) => lines >= from && lines <= to).length;

const list = (names: readonly string[]): string => (names.length === 0 ? "none" : names.join(", "));

console.log(`shared: ${shared.length} files, ${sizes.reduce((sum, lines) => sum + lines, 0)} lines`);
console.log(`  below 60 lines: ${within(0, 59)}; 60 to 250: ${within(60, 250)}; above 250: ${within(251, Infinity)}`);
console.log(`with one importer: ${withOneImporter(sources).length}`);
console.log(`files in circles: ${list(filesInCircles(sources))}`);
console.log(`folders in circles: ${list(foldersInCircles(sources))}`);
console.log(`against the layers: ${list(againstTheLayers(sources))}`);
console.log(`names with a replaced word: ${list(replacedNames(sources))}`);
const entered = await filesOfSimplestFlow();
console.log(`entered by the simplest flow: ${entered.length}: ${list(entered)}`);
