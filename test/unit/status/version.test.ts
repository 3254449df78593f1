import { expect, test } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import { version } from "../../../shared/status/status.ts";

test("the page shows the version of the package", () => {
  expect(version).toBe(manifest.version);
});
