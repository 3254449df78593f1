import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { neededPermissions } from "../../../shared/graph/permissions.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFile(root + path, "utf8");
const readme = await read("README.md");

const withoutPictures = (text: string): string => text.replace(/<img\b[^>]*>/g, "");

/** What a reader meets: prose, tables, commands and the words of the diagram. Not the picture, and of a link only its text. */
const wordsOf = (text: string): number =>
  withoutPictures(text)
    .replace(/\]\([^)]*\)/g, "]")
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** Rows of text, some 120 characters wide; of the 80 on two screens the picture and the diagram leave 65. */
const rowsOf = (text: string): number =>
  withoutPictures(text)
    .replace(/```mermaid.*?```/s, "")
    .replace(/\]\([^)]*\)/g, "]")
    .replace(/([^\n])\n(?![\n|#>`-])/g, "$1 ")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("```") && !/^\|[-|]+$/.test(line))
    .reduce((rows, line) => rows + Math.ceil(line.length / 120), 0);

test("the README is as short as it promises: 850 to 1,100 words", () => {
  expect(wordsOf(readme)).toBeGreaterThanOrEqual(850);
  expect(wordsOf(readme)).toBeLessThanOrEqual(1100);
});

test("what comes before the deployment fits two screens", () => {
  const [before = "", after] = readme.split("\n## Deploy");
  expect(after).toBeDefined();
  expect(rowsOf(before)).toBeLessThanOrEqual(65);
  expect(before.split("\n").length).toBeLessThanOrEqual(80);
});

test("the README answers in the order in which a newcomer asks", () => {
  const headings = [...readme.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual([
    "Without it and with it",
    "Do you need it?",
    "Try it in a minute",
    "Why not just ...",
    "How it works",
    "Requirements",
    "Deploy, report-only first",
    "What it cannot do",
    "Change it",
    "Links",
  ]);
});

test("README, package.json and the message of the installation name the same oldest Node, and the same pinned one", async () => {
  const { engines, optionalDependencies } = JSON.parse(await read("package.json"));
  const [, oldest] = /Node (\d+\.\d+) or later/.exec(readme) ?? [];
  expect(engines.node).toBe(`>=${oldest}`);
  expect(await read("local/setup/ensure-installed.mjs")).toContain(`install Node ${oldest} or later`);
  expect(await read("docs/deploy.md")).toContain(`Node ${oldest} or later`);
  const [, platforms = "", major] = /On (.+) the scripts run on Node (\d+)/.exec(readme) ?? [];
  const named = [...platforms.matchAll(/(\w+) \(([^)]+)\)/g)].flatMap(([, system = "", processors = ""]) =>
    processors.split(", ").map((one) => `node-${system === "Windows" ? "win" : system.toLowerCase()}-${one} ${major}`),
  );
  const pinned = Object.entries<string>(optionalDependencies).map(([name, at]) => `${name} ${at.split(".")[0]}`);
  expect(named.toSorted()).toEqual(pinned.toSorted());
});

test("the README names the permissions that enforce needs with the defaults, and no other", () => {
  const named = [...readme.matchAll(/`([A-Z]\w+\.\w+\.\w+)`/g)].map(([, name]) => name);
  const needed = neededPermissions({ revoking: true, groups: true, subscriptions: true }).map(({ name }) => name);
  expect(named.toSorted()).toEqual(needed.toSorted());
});

test("the README names the computed costs", async () => {
  const [, defaults, least] =
    /\| \*\*together\*\* \| +\| \*\*(\d+)\*\* \| \*\*(\d+)\*\* \|/.exec(await read("docs/cost.md")) ?? [];
  expect(readme).toContain(`about $${defaults} a month, $${least} at the least`);
});

test("the commands of the README are those of the documents they are explained in", async () => {
  const [deploy = ""] = readme.split("\n## Deploy")[1]?.split("\n## ") ?? [];
  const [steps = "", stop = ""] = [...deploy.matchAll(/```sh\n(.*?)\n```/gs)].map(([, block = ""]) => block);
  const explained = await read("docs/deploy/azd.md");
  const known = explained.split("\n").map((line) => line.replace(/ +#.*$/, ""));
  expect(steps.split("\n").filter((line) => !known.includes(line))).toEqual([]);
  expect(await read("docs/operate.md")).toContain(stop);
  expect(deploy).toContain("next provision takes");
});
