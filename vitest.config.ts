import { defineConfig } from "vitest/config";

/** It moves so many users that nothing else can be timed beside it. */
const alone = ["test/e2e/mass-expiry.test.ts"];

/** They measure time and mostly wait: beside each other they keep their bounds, beside forty starting hosts they would not. */
const timed = [
  "test/e2e/channels.test.ts",
  "test/e2e/groups.test.ts",
  "test/e2e/hops.test.ts",
  "test/e2e/hostile-requests.test.ts",
  "test/e2e/joined.test.ts",
  "test/e2e/listed-per-member.test.ts",
  "test/e2e/notifications.test.ts",
  "test/e2e/probes.test.ts",
  "test/e2e/queues-purged.test.ts",
  "test/e2e/reaction-time.test.ts",
  "test/e2e/subscriptions-for-a-month.test.ts",
  "test/e2e/two-hosts.test.ts",
  "test/e2e/webhook.test.ts",
];

/** Needs the Debian package faketime. */
const shiftedClock = ["test/e2e/shifted-clock.test.ts"];

/** Needs the Debian package chromium. */
const inBrowser = ["test/e2e/browser/**/*.test.ts"];

/** The rarest is noticed only after hundreds of histories in each of three seeds. */
const mutations = ["test/simulation/mutations.test.ts"];

/** They put other modules in the place of ours, or meet a package that remembers the first environment it saw. */
const needsOwnModules = [
  "test/unit/functions/main.test.ts",
  "test/unit/base/credential.test.ts",
  "test/unit/telemetry/create-telemetry.test.ts",
  "test/unit/telemetry/insights.test.ts",
  "test/unit/tenant/identity/managed-identity.test.ts",
];

/** Vitest itself would leave one core idle. On a busy machine it takes Azurite more than ten seconds to start. */
const allCores = { maxWorkers: "100%", testTimeout: 30_000, hookTimeout: 60_000 } as const;

const endToEnd = { globalSetup: ["test/e2e/support/global-setup.ts"], testTimeout: 240_000, hookTimeout: 60_000 };

// The projects run in the order of `groupOrder`. Which of them a command runs is in `test/run/groups.ts`.
export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          exclude: needsOwnModules,
          ...allCores,
          // One worker loads the sources once for all of its files: that takes a third of the time off.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "unit-isolated",
          include: needsOwnModules,
          ...allCores,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "border",
          include: ["test/{contract,security,upgrade}/**/*.test.ts"],
          ...allCores,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // They start processes, bundle the app or wait for time-outs: nobody waits for them to see a unit test fail.
        test: {
          name: "process",
          include: ["test/process/**/*.test.ts"],
          ...allCores,
          // They mostly wait for a process, a port or a time-out.
          maxWorkers: 4,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: "simulation",
          include: ["test/simulation/**/*.test.ts"],
          exclude: mutations,
          ...allCores,
          testTimeout: 1_200_000,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: { name: "e2e-alone", include: alone, ...endToEnd, maxWorkers: 1, sequence: { groupOrder: 5 } },
      },
      {
        test: { name: "e2e-timed", include: timed, ...endToEnd, maxWorkers: 2, sequence: { groupOrder: 6 } },
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
          sequence: { groupOrder: 7 },
        },
      },
      {
        test: {
          name: "mutations",
          include: mutations,
          testTimeout: 3_600_000,
          maxWorkers: 1,
          sequence: { groupOrder: 8 },
        },
      },
      {
        test: {
          name: "browser",
          include: inBrowser,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 9 },
        },
      },
      {
        test: {
          name: "shifted-clock",
          include: shiftedClock,
          ...endToEnd,
          maxWorkers: 1,
          sequence: { groupOrder: 10 },
        },
      },
    ],
    coverage: {
      include: ["shared/**/*.ts"],
      thresholds: {
        "shared/model/**": { branches: 95 },
        "shared/detection/**": { branches: 95 },
        "shared/enforcement/**": { branches: 95 },
        "shared/reconcile/**": { branches: 95 },
      },
    },
  },
});
