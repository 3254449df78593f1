import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const doctor = fileURLToPath(new URL("../../../../tools/doctor/main.ts", import.meta.url));
const hostile = "\u001b[2J\u009b2J\u202e\r\nBAD  storage";

test.each([
  ["a file of settings", ["--settings", `no-such${hostile}`]],
  ["an option", [`--x${hostile}`]],
])("the name of %s is printed without its control characters", (_, args) => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [doctor, ...args], { encoding: "utf8" });
  expect(status).toBe(2);
  expect(`${stdout}${stderr}`.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(stderr).not.toMatch(/^BAD/m);
});
