import { access, readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { settingFields } from "../../../shared/settings/definitions.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFile(root + path, "utf8");

const overview = await read("docs/deploy.md");
const ways = (await readdir(`${root}docs/deploy`)).map((name) => `docs/deploy/${name}`);
const parameters = await read("infra/main.bicepparam");

/** What a deployment reads from the environment, with its default; null where there is none. */
const variables = [...parameters.matchAll(/readEnvironmentVariable\('(\w+)'(?:, '([^']*)')?\)/g)].map(
  ([, name = "", otherwise]) => ({ name, otherwise: otherwise ?? null }),
);

test("every parameter stands in the document with its default, and nothing else does", () => {
  const rows = [...overview.matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]*)`)?([^|]*)\|/gm)];
  const recorded = rows.map(([, name, value, words]) => [name, value ?? (words?.trim() === "(asked for)" ? null : "")]);
  const expected = variables
    .filter(({ name }) => !(name in settingFields))
    .map(({ name, otherwise }) => [name, otherwise]);
  expect(recorded.toSorted()).toEqual(expected.toSorted());
});

test("the settings of the app stand where the document leads", async () => {
  const [, target = ""] = /own settings \(\[[^\]]+\]\(([^)#]+)/.exec(overview) ?? [];
  const settings = await read(`docs/${target}`);
  const chosen = variables.map(({ name }) => name).filter((name) => name in settingFields);
  expect(chosen.length).toBeGreaterThan(15);
  expect(chosen.filter((name) => !settings.includes(`| \`${name}\``))).toEqual([]);
});

describe.each(["docs/deploy.md", ...ways])("%s", async (path) => {
  const text = await read(path);
  const commands = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block).join("\n");

  test("runs only scripts that are there", async () => {
    const scripts = [...new Set(text.match(/infra\/[\w./-]+\.sh/g))];
    await Promise.all(scripts.map((script) => access(root + script)));
  });

  test("sets only what a deployment reads", () => {
    const set = [...text.matchAll(/azd env set ([A-Z_]+)/g)].map(([, name]) => name);
    const exported = [...commands.matchAll(/^export (.*)$/gm)].flatMap(([, list = ""]) => [
      ...list.matchAll(/\b([A-Z_]+)=/g),
    ]);
    const names = [...set, ...exported.map(([, name]) => name)].filter(
      (name) => !["NAME", "CUTOFF_SECRET", "AZD_BICEP_TOOL_PATH"].includes(name ?? ""),
    );
    expect(names.filter((name) => !variables.some((one) => one.name === name))).toEqual([]);
  });

  test("uses only names that a deployment prints, that it sets, or that are set before", async () => {
    const outputs = [...(await read("infra/main.bicep")).matchAll(/^output (\w+)/gm)].map(([, name]) => name);
    const own = [...commands.matchAll(/^(?:export )?(\w+)=/gm)].map(([, name]) => name);
    const used = [...commands.matchAll(/\$(?:\{)?(\w+)/g)].map(([, name]) => name);
    const known = [...outputs, ...own, ...variables.map(({ name }) => name)];
    expect(used.filter((name) => !known.includes(name))).toEqual([]);
  });
});

test("each way says what was not tried", async () => {
  const texts = await Promise.all(ways.map(read));
  expect(ways.filter((_, at) => !/Not tried: /.test(texts[at] ?? ""))).toEqual([]);
  expect(ways.toSorted()).toEqual(
    ["azd", "other-clouds", "private", "without-azd"].map((way) => `docs/deploy/${way}.md`),
  );
});
