import { defineConfig } from "vitest/config";

const endToEnd = { globalSetup: ["test/e2e/support/global-setup.ts"], testTimeout: 240_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**"],
          testTimeout: 30_000,
        },
      },
      // Milliseconds are measured with the machine to itself.
      {
        test: {
          name: "reaction-time",
          include: ["test/e2e/reaction-time.test.ts"],
          ...endToEnd,
          sequence: { groupOrder: 1 },
        },
      },
      // These mostly wait, so many of them side by side keep the whole short.
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: ["test/e2e/reaction-time.test.ts"],
          ...endToEnd,
          maxConcurrency: 20,
          maxWorkers: 4,
          sequence: { groupOrder: 2 },
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
