import { onlyRepresentative } from "./representative.ts";

/** What one process of Vitest runs. */
export interface Group {
  readonly name: string;
  /** The npm command that runs it, with others where they belong together. */
  readonly command: string;
  readonly does: string;
  /** Of `vitest.config.ts`. */
  readonly projects: readonly string[];
  /** What the tests take from the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further arguments of Vitest. */
  readonly args?: readonly string[];
  /** It mostly waits, so `npm test` runs it beside the group before it. */
  readonly isBeside?: boolean;
}

/** The fastest first: who breaks a decision knows it within a minute. */
const unit: Group = {
  name: "unit",
  command: "test:unit",
  does: "unit, contract, security and upgrade tests, then those that start processes",
  projects: ["unit", "unit-isolated", "border", "process"],
};

const simulation: Group = {
  name: "simulation",
  command: "test:simulation",
  does: "the simulation with 2,000 histories, and the crash matrix",
  projects: ["simulation"],
  env: { SIMULATION_HISTORIES: "2000" },
};

const endToEndAlone: Group = {
  name: "e2e-alone",
  command: "test:e2e",
  does: "the end-to-end tests that measure time or need the machine to themselves",
  projects: ["e2e-alone", "e2e-timed"],
};

const endToEnd: Group = {
  name: "e2e-together",
  command: "test:e2e",
  does: "all other end-to-end tests",
  projects: ["e2e"],
};

const mutations: Group = {
  name: "mutations",
  command: "test:mutations",
  does: "each safety mechanism taken away, to see that the simulation notices",
  projects: ["mutations"],
};

const browser: Group = {
  name: "browser",
  command: "test:browser",
  does: "the status page in Debian's chromium",
  projects: ["browser"],
};

const shiftedClock: Group = {
  name: "shifted-clock",
  command: "test:shifted-clock",
  does: "a host whose clock is wrong, with Debian's faketime",
  projects: ["shifted-clock"],
};

/** Everything, in the order in which `npm run test:all` runs it. */
export const all: readonly Group[] = [unit, simulation, endToEndAlone, endToEnd, mutations, browser, shiftedClock];

/** What `npm test` runs: in at most five minutes what a change breaks most often. */
export const first: readonly Group[] = [
  unit,
  {
    ...simulation,
    name: "simulation-short",
    does: "the simulation with 500 histories, and the crash matrix",
    env: { SIMULATION_HISTORIES: "500" },
  },
  {
    ...endToEnd,
    name: "e2e-representative",
    does: "the end-to-end tests that stand for the others",
    projects: [...endToEndAlone.projects, ...endToEnd.projects],
    args: onlyRepresentative,
    isBeside: true,
  },
];

/** The groups of a command such as `test:e2e`, without its `test:`; none if there is no such command. */
export function groupsOf(name: string): readonly Group[] {
  if (name === "all") return all;
  return all.filter((group) => group.command === `test:${name}` || group.name === name);
}

/** The groups that start together, in the order in which they start. */
export function sideBySide(groups: readonly Group[]): Group[][] {
  const together: Group[][] = [];
  for (const group of groups) {
    const before = together.at(-1);
    if (group.isBeside === true && before !== undefined) before.push(group);
    else together.push([group]);
  }
  return together;
}

/** Of everything, what `npm test` does not run, or not in full. */
export const leftOut: readonly Group[] = all.filter((group) => !first.includes(group));
