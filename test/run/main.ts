// npm test, npm run test:all and npm run test:GROUP: groups of tests. Options that stand behind go to Vitest.
import { given } from "../../local/setup/given.ts";
import { all, first, groupsOf, leftOut, sideBySide } from "./groups.ts";
import { describeResults } from "./print-results.ts";
import { type GroupResult, runGroup } from "./run-group.ts";

const { groups, isFirst, forVitest } = given(
  `npm test -- [OPTION OF VITEST]...
npm run test:all, and one of ${[...new Set(all.map(({ command }) => command))].join(", ")}

Runs groups of tests. npm test runs what a change breaks most often, and stops after the first group that is red.
Exit code 0: all are green; 1: one is red; 2: there is no such group.

  --help  says this; every other option goes to Vitest, which refuses what it does not know
`,
  (args) => {
    const [name = "", ...more] = args;
    const isFirst = name === "" || name.startsWith("-");
    const groups = isFirst ? first : groupsOf(name);
    if (groups.length === 0)
      throw new Error(`There is no group "${name}", but all, ${all.map((group) => group.name).join(", ")}.`);
    return { groups, isFirst, forVitest: isFirst ? args : more };
  },
);

const started = performance.now();
const waiting = sideBySide(groups);
const results: GroupResult[] = [];
for (let groups = waiting.shift(); groups !== undefined; groups = waiting.shift()) {
  let turn: Promise<GroupResult> | undefined;
  const running = groups.map((group) => {
    turn = runGroup(group, forVitest, turn);
    return turn;
  });
  results.push(...(await Promise.all(running)));
  // Of `npm test` one wants the first failure at once, of everything all of them.
  if (isFirst && !results.every(({ isGreen }) => isGreen)) break;
}
const seconds = Math.round((performance.now() - started) / 1000);
for (const line of describeResults({ results, seconds, stopped: waiting.flat(), leftOut: isFirst ? leftOut : [] }))
  console.log(line);
if (results.some(({ isGreen }) => !isGreen)) process.exitCode = 1;
