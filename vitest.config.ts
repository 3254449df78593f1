import { defineConfig } from "vitest/config";

/** It moves so many users that nothing else can be timed beside it. */
const alone = ["test/e2e/rush-hour.test.ts"];

/** They measure time and mostly wait: beside each other they keep their bounds, beside forty starting hosts they would not. */
const timed = [
  "test/e2e/hops.test.ts",
  "test/e2e/joined.test.ts",
  "test/e2e/notifications.test.ts",
  "test/e2e/probes.test.ts",
  "test/e2e/reaction-time.test.ts",
  "test/e2e/subscriptions-for-a-month.test.ts",
  "test/e2e/two-hosts.test.ts",
  "test/e2e/webhook.test.ts",
];

/** Needs the Debian package faketime, so only `npm run test:shifted-clock` and the gate run it. */
const shiftedClock = ["test/e2e/shifted-clock.test.ts"];

/** Needs the Debian package chromium, so only `npm run test:browser` and the gate run it. */
const inBrowser = ["test/e2e/browser/**/*.test.ts"];

/** It plays thousands of histories on all cores, in threads of their own, which coverage does not slow. */
const simulation = ["test/simulation/simulation.test.ts"];

/** The rarest is noticed only after hundreds of histories in each of three seeds. */
const mutations = ["test/simulation/mutations.test.ts"];

const endToEnd = { globalSetup: ["test/e2e/support/global-setup.ts"], testTimeout: 240_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", ...simulation, ...mutations],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "e2e-alone",
          include: alone,
          ...endToEnd,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "e2e-timed",
          include: timed,
          ...endToEnd,
          maxWorkers: 4,
          sequence: { groupOrder: 7 },
        },
      },
      // These mostly wait, so many of them side by side keep the whole short.
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: [...alone, ...timed, ...shiftedClock, ...inBrowser],
          ...endToEnd,
          maxConcurrency: 20,
          maxWorkers: 6,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "shifted-clock",
          include: shiftedClock,
          ...endToEnd,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: "simulation",
          include: simulation,
          testTimeout: 1_200_000,
          maxWorkers: 1,
          sequence: { groupOrder: 5 },
        },
      },
      {
        test: {
          name: "mutations",
          include: mutations,
          testTimeout: 3_600_000,
          maxWorkers: 1,
          sequence: { groupOrder: 6 },
        },
      },
      {
        test: {
          name: "browser",
          include: inBrowser,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 4 },
        },
      },
    ],
    coverage: {
      include: ["shared/**/*.ts"],
      thresholds: {
        "shared/assignments/**": { branches: 95 },
        "shared/revocation/**": { branches: 95 },
      },
    },
  },
});
