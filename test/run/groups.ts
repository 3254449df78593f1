import { onlyRepresentative } from "./representative.ts";

/** What one process of Vitest runs. */
export interface Group {
  readonly name: string;
  readonly does: string;
  /** Of `vitest.config.ts`. */
  readonly projects: readonly string[];
  /** What the tests take from the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further arguments of Vitest. */
  readonly args?: readonly string[];
}

/** The fastest first: who breaks a decision knows it within a minute. */
const unit: Group = {
  name: "unit",
  does: "unit, contract, security and upgrade tests",
  projects: ["unit", "unit-isolated", "border"],
};

const short: Group = {
  name: "simulation-short",
  does: "the simulation with 500 histories, and the crash matrix",
  projects: ["simulation"],
  env: { SIMULATION_HISTORIES: "500" },
};

const representative: Group = {
  name: "e2e-representative",
  does: "the end-to-end tests that stand for the others",
  projects: ["e2e-alone", "e2e"],
  args: onlyRepresentative,
};

const simulation: Group = {
  name: "simulation",
  does: "the simulation with 2,000 histories, and the crash matrix",
  projects: ["simulation"],
  env: { SIMULATION_HISTORIES: "2000" },
};

const endToEnd: Group = {
  name: "e2e",
  does: "all end-to-end tests",
  projects: ["e2e-alone", "e2e"],
};

const mutations: Group = {
  name: "mutations",
  does: "each safety mechanism taken away, to see that the simulation notices",
  projects: ["mutations"],
};

const browser: Group = { name: "browser", does: "the status page in Debian's chromium", projects: ["browser"] };

const shiftedClock: Group = {
  name: "shifted-clock",
  does: "a host whose clock is wrong, with Debian's faketime",
  projects: ["shifted-clock"],
};

/** What `npm run test:all` runs, each also as `npm run test:NAME`. */
export const all: readonly Group[] = [unit, simulation, endToEnd, mutations, browser, shiftedClock];

/** What `npm test` runs: in at most five minutes what a change breaks most often. */
export const first: readonly Group[] = [unit, short, representative];

/** Of everything, what a run of these groups leaves out. */
export const leftOut = (ran: readonly Group[]): readonly Group[] => all.filter((group) => !ran.includes(group));
