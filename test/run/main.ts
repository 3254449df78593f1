// npm test, npm run test:all and npm run test:GROUP: groups of tests one after the other. Options that stand behind go to Vitest.
import { all, first, groupsOf, leftOut } from "./groups.ts";
import { type GroupResult, runGroup } from "./run-group.ts";
import { tellResults } from "./tell-results.ts";

const [name = "", ...more] = process.argv.slice(2);
const isFirst = name === "" || name.startsWith("-");
const groups = isFirst ? first : groupsOf(name);
const forVitest = isFirst ? process.argv.slice(2) : more;
if (groups.length === 0) {
  console.error(`There is no group "${name}", but all, ${all.map((group) => group.name).join(", ")}.`);
  process.exit(2);
}

const waiting = [...groups];
const results: GroupResult[] = [];
for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
  console.log(`\n${group.does[0]?.toUpperCase()}${group.does.slice(1)}`);
  const result = await runGroup(group, forVitest);
  results.push(result);
  // Of `npm test` one wants the first failure at once, of everything all of them.
  if (isFirst && !result.isGreen) break;
}
for (const line of tellResults({ results, stopped: waiting, leftOut: isFirst ? leftOut : [] })) console.log(line);
if (results.some(({ isGreen }) => !isGreen)) process.exitCode = 1;
