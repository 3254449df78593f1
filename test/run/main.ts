// npm test, npm run test:all and npm run test:GROUP: groups of tests one after the other. What stands behind a group's name goes to Vitest.
import { all, first, type Group, leftOut } from "./groups.ts";
import { type GroupResult, runGroup } from "./run-group.ts";
import { tellResults } from "./tell-results.ts";

const [what = "first", ...forVitest] = process.argv.slice(2);

/** A failure in `npm test` is wanted at once; of everything one wants to know all that is red. */
const plans: ReadonlyMap<string, { readonly groups: readonly Group[]; readonly goesOn: boolean }> = new Map([
  ["first", { groups: first, goesOn: false }],
  ["all", { groups: all, goesOn: true }],
  ...all.map((group) => [group.name, { groups: [group], goesOn: true }] as const),
]);

const plan = plans.get(what);
if (plan === undefined) {
  console.error(`There is no group "${what}", but ${[...plans.keys()].join(", ")}.`);
  process.exit(2);
}

const waiting = [...plan.groups];
const results: GroupResult[] = [];
for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
  console.log(`\n${group.does[0]?.toUpperCase()}${group.does.slice(1)}`);
  const result = await runGroup(group, forVitest);
  results.push(result);
  if (!result.isGreen && !plan.goesOn) break;
}
console.log(
  tellResults({ results, stopped: waiting, leftOut: what === "first" ? leftOut(plan.groups) : [] }).join("\n"),
);
if (results.some(({ isGreen }) => !isGreen)) process.exitCode = 1;
