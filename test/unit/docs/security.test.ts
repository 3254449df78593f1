import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { alarms, events } from "../../../shared/telemetry/names.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (file: string) => readFile(`${root}${file}`, "utf8");
const [section = ""] = (await read("SECURITY.md")).split("## Every move that is open\n").slice(1);
const rows = (section.split("\n## ")[0] ?? "")
  .split("\n")
  .filter((line) => line.startsWith("| a"))
  .map((line) => line.slice(2, -2).split(" | "));
const runbook = await read("docs/operate.md");

const quoted = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].flatMap(([, one]) => one ?? []);
const isRule = (name: string) => runbook.includes(`\n### ${name}\n`);

test("every test that is named anywhere is there", async () => {
  const named = quoted(await read("SECURITY.md")).filter((name) => name.startsWith("test/"));
  expect(named.length).toBeGreaterThan(60);
  expect(named.filter((name) => !existsSync(`${root}${name}`))).toEqual([]);
});

test("each of the four kinds of attacker has rows", () => {
  const who = new Set(rows.map(([one]) => one));
  expect(who).toEqual(new Set(["a privileged holder", "a settings writer", "a storage writer", "an anonymous caller"]));
});

describe.each(rows)("%s %s", (_who, _move, follows, seen = "", tests = "") => {
  test("says what follows", () => {
    expect(follows).toMatch(/\w/);
  });

  test("names a test that is there, or is none that the app could see", () => {
    const files = quoted(tests);
    expect(files.filter((file) => !existsSync(`${root}${file}`))).toEqual([]);
    if (files.length === 0) expect([seen, tests].join(" ")).toMatch(/not by the app: .* none: /);
  });

  test("names alarms, events and rules that there are", () => {
    const names = quoted(seen).filter((name) => /^[a-z]+(?:[A-Z][a-z]+)+$|^[a-z]+(?:-[a-z]+)+$/.test(name));
    const known = (name: string) => name in alarms || name in events || isRule(name) || codes.has(name);
    expect(names.filter((name) => !known(name))).toEqual([]);
  });
});

/** A code of an alarm, and a property of an outcome. */
const codes: ReadonlySet<string> = new Set(["managementRestricted", "accessTokensUntil"]);
