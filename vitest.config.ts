import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    passWithNoTests: false,
    testTimeout: 30_000,
    coverage: {
      include: ["shared/**/*.ts"],
      thresholds: {
        "shared/assignments/**": { branches: 95 },
        "shared/revocation/**": { branches: 95 },
      },
    },
  },
});
