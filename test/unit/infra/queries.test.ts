import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { gatherQueries } from "../../../infra/check/gather-queries.ts";
import { parseQuery } from "../../../infra/check/parse-query.ts";
import { auditActivities } from "../../../shared/base/audit-activities.ts";
import { reportCommit } from "../../../shared/reconcile/finish-pass.ts";
import { alarms, events, metrics } from "../../../shared/telemetry/names.ts";
import { jane } from "../../fixtures/fake-world.ts";
import { aHolding, aSource, aState, at } from "../../fixtures/principal-builders.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFile(root + path, "utf8");
const namesOf = async (folder: string, ending: string) =>
  (await readdir(root + folder, { recursive: true }))
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);

const queries = await gatherQueries();
const sources = (await Promise.all((await namesOf("shared", ".ts")).map(read))).join("\n");
const emitted: Readonly<Record<string, readonly string[]>> = {
  AppEvents: [...Object.keys(events), ...Object.keys(alarms)],
  AppMetrics: Object.keys(metrics),
};

/** From each mention of a table of ours to the next one: the names it is asked for. */
const namesAsked = (text: string): readonly (readonly [table: string, name: string])[] =>
  text
    .split(/(?=\bApp(?:Events|Metrics)\b)/)
    .flatMap((part) =>
      [...part.matchAll(/\bName (?:==|!?in) \(?((?:"\w+"(?:, )?)+)/g)].flatMap(([, list = ""]) =>
        [...list.matchAll(/"(\w+)"/g)].map(([, name = ""]) => [part.slice(0, part.search(/\W/)), name] as const),
      ),
    );

/** How far a query reads back: the longest `ago(...)`, with the spans that it names. */
function hoursBack(text: string): number {
  const hours = (term: string): number => {
    const [, amount = "", unit = ""] = /^(\d+)([dhm])$/.exec(term) ?? [];
    const named = new RegExp(`^let ${term} = (\\w+);$`, "m").exec(text)?.[1];
    return named === undefined ? Number(amount) * ({ d: 24, h: 1, m: 1 / 60 }[unit] ?? Number.NaN) : hours(named);
  };
  const spans = [...text.matchAll(/\bago\(([^)]+)\)/g)].map(([, sum = ""]) => sum.split(" + ").map(hours));
  return Math.max(...spans.map((terms) => terms.reduce((total, term) => total + term, 0)));
}

test("no analytics rule reads further back than Sentinel lets it", async () => {
  const rules = [
    ...(await read("infra/detection/sentinel.bicep")).matchAll(
      /period: 'P(\d)D'[^}]*loadTextContent\('([\w-]+\.kql)'\)/g,
    ),
  ];
  expect(rules).toHaveLength(5);
  for (const [, days, file] of rules) {
    const { text } = queries.find(({ name }) => name === `detection/${file}`) ?? { text: "" };
    expect(hoursBack(text), file).toBeLessThanOrEqual(Number(days) * 24);
  }
});

test("each analytics rule gives the column that it names the account by", async () => {
  const bicep = await read("infra/detection/sentinel.bicep");
  const rules = [...bicep.matchAll(/account: '(\w+)'\s+query: loadTextContent\('([\w-]+\.kql)'\)/g)];
  expect(rules).toHaveLength(5);
  for (const [, column, file] of rules) {
    const query = queries.find(({ name }) => name === `detection/${file}`);
    expect(parseQuery(query?.text ?? "").columns, file).toContain(column);
  }
});

test.each([
  ["AppEvents | summarize last = max(TimeGenerated)", "1: The name 'last' needs to be bracketed"],
  ["AppEvents\n| where Nmae == 'ended'", "2: The name 'Nmae' does not refer to any known column"],
  ["SigninLogs | take 1", "1: The name 'SigninLogs' does not refer to any known table"],
])("the parser refuses %s", (text, problem) => {
  expect(parseQuery(text).problems[0]).toContain(problem);
  expect(parseQuery("AppEvents | take 1").problems).toEqual([]);
});

test("there are queries, and they ask for our events and metrics", () => {
  expect(queries.length).toBeGreaterThan(15);
  expect(queries.flatMap(({ text }) => namesAsked(text)).length).toBeGreaterThan(15);
});

describe.each(queries)("$name", ({ text }) => {
  test("names only what the app emits", () => {
    expect(namesAsked(text).filter(([table, name]) => !emitted[table]?.includes(name))).toEqual([]);
  });

  test("reads only properties that the app gives", () => {
    const properties = [...text.matchAll(/\bProperties\.(\w+)/g)].map(([, property = ""]) => property);
    expect(properties.filter((property) => !new RegExp(`\\b${property}\\b`).test(sources))).toEqual([]);
  });

  test("names only activities of the audit log that the app knows", () => {
    const activities = [...text.matchAll(/"((?:Remove|Add|Update) [^"]+)"/g)].map(([, activity = ""]) => activity);
    // The app reads the log for ends. What is given to its own identity, Sentinel alone finds.
    const others = ["Add app role assignment to service principal"];
    expect(activities.filter((activity) => !(activity in auditActivities) && !others.includes(activity))).toEqual([]);
  });
});

test.each(["forged-requests", "operators-refused"])(
  "%s counts an event that has a count as so many, else as one",
  async (rule) => {
    const text = await read(`infra/alerts/${rule}.kql`);
    expect(text).toContain("sum(coalesce(tolong(Properties.count), tolong(ItemCount)))");
    expect(parseQuery(text).problems).toEqual([]);
  },
);

test("a write to the package is reported unless a deployment was announced shortly before, by the operation that the script makes", async () => {
  const [script, rule] = await Promise.all([read("infra/deploy-package.sh"), read("infra/alerts/package-written.kql")]);
  const [, action = "?"] = /invoke-action --action (\w+)/.exec(script) ?? [];
  const [, type = "?"] = /--resource-type (\S+)/.exec(script) ?? [];
  expect(rule).toContain(`OperationNameValue =~ "${type}/${action}/action"`);
  expect(script.indexOf("invoke-action")).toBeLessThan(script.indexOf("config-zip"));
  expect(parseQuery(rule).columns).toContain("lastWrite");
  // The condition of the window, written as JavaScript: minutes since the announcement.
  const [, last = ""] = /range\(bin\(TimeGenerated, 1m\), TimeGenerated \+ (\d+)m, 1m\)/.exec(rule) ?? [];
  const [, oldest = "", newest = ""] = /between \(ago\((\d+)m\) \.\. ago\((\d+)m\)\)/.exec(rule) ?? [];
  const [, hours = ""] =
    /name: 'package-written',.*window: 'PT(\d)H'/.exec(await read("infra/alerts/alerts.bicep")) ?? [];
  // Every announcement that can excuse a write is read, and every write is judged although the rule may look only each quarter of an hour.
  expect(Number(oldest) + Number(last)).toBeLessThanOrEqual(Number(hours) * 60);
  expect(Number(oldest) - Number(newest)).toBeGreaterThan(60);
});

describe("a write to a storage account", async () => {
  const text = await read("infra/alerts/foreign-storage-writer.kql");
  /** The parser runs nothing: the conditions of the rule, written as JavaScript. */
  const conditions = [...text.matchAll(/^\| where (.+)$/gm)].map(([, condition = ""]) =>
    condition
      .replace(/(\w+) in \(([^)]+)\)/g, "[$2].includes($1)")
      .replace(/\btoint\(/g, "Number(")
      .replace(/\band\b/g, "&&")
      .replace(/\bor\b/g, "||")
      .replace(/!=(?!=)/g, "!==")
      .replace(/ == /g, " === "),
  );
  const [, condition = "", account = "", ours = "", others = ""] =
    /ours = iff\((\w+) == ("[^"]+"), ("[^"]+"), ("[^"]+")\)/.exec(text) ?? [];
  const [state, packages, app, deployer] = [
    "{{STATE_ACCOUNT}}",
    "{{PACKAGE_ACCOUNT}}",
    "{{APP_IDENTITY}}",
    "{{PACKAGE_IDENTITY}}",
  ];
  const ofApp = {
    AccountName: state,
    Category: "StorageWrite",
    StatusCode: "204",
    AuthenticationType: "OAuth",
    RequesterObjectId: app,
  };
  const isReported = (row: typeof ofApp): boolean => {
    const values = { ...row, ours: runInNewContext(`${condition} === ${account} ? ${ours} : ${others}`, { ...row }) };
    return conditions.every((one) => runInNewContext(one, { ...values }) === true);
  };

  test.each([
    ["of the app to its state", {}, false],
    [
      "of Azure to the package, as the package's identity",
      { AccountName: packages, RequesterObjectId: deployer },
      false,
    ],
    ["of somebody else to the state", { RequesterObjectId: "somebody" }, true],
    ["of somebody else that deletes", { RequesterObjectId: "somebody", Category: "StorageDelete" }, true],
    ["of somebody else that is refused", { RequesterObjectId: "somebody", StatusCode: "403" }, false],
    ["of somebody else to the package", { AccountName: packages, RequesterObjectId: "somebody" }, true],
    ["of the app to the package", { AccountName: packages }, true],
    ["of the package's identity to the state", { RequesterObjectId: deployer }, true],
    ["by a key or a signature, which name nobody", { AuthenticationType: "SAS" }, true],
    ["to an account of somebody else's", { AccountName: "theirs", RequesterObjectId: "somebody" }, false],
  ])("is reported or not: %s", (_what, row, reported) => {
    expect(isReported({ ...ofApp, ...row })).toBe(reported);
  });

  test("is looked for in tables, queues and blobs", () => {
    for (const part of ["Table", "Queue", "Blob"]) expect(text).toMatch(new RegExp(`\\bStorage${part}Logs\\b`));
  });
});

test("every analytics rule's query is there, and every query has its rule", async () => {
  const bicep = await read("infra/detection/sentinel.bicep");
  const loaded = [...bicep.matchAll(/name: '([\w-]+)'[^{}]*?query: loadTextContent\('([\w-]+)\.kql'\)/g)];
  expect(loaded.every(([, name, file]) => name === file)).toBe(true);
  const files = (await namesOf("infra/detection", ".kql")).filter((name) => !name.endsWith("do-you-need-this.kql"));
  expect(loaded.map(([, name]) => `infra/detection/${name}.kql`).sort()).toEqual(files.sort());
});

test("the analytics rule on changes of the app knows every operation that the alerts know", async () => {
  const operations = [
    ...(await read("infra/alerts/alerts.bicep")).matchAll(/'(Microsoft\.[\w./]+\/(?:write|delete|action))'/g),
  ];
  const text = await read("infra/detection/app-changed.kql");
  expect(operations.length).toBeGreaterThan(5);
  expect(operations.map(([, name = ""]) => name.toLowerCase()).filter((name) => !text.includes(`"${name}"`))).toEqual(
    [],
  );
});

test("a place that is filled in at deployment is filled in by every test that loads the query", async () => {
  const filled = { alerts: "infra/alerts/alerts.bicep", detection: "infra/detection/sentinel.bicep" };
  for (const [folder, path] of Object.entries(filled)) {
    const bicep = await read(path);
    const places = queries
      .filter(({ name }) => name.startsWith(`${folder}/`) && !name.endsWith("do-you-need-this.kql"))
      .flatMap(({ text }) => text.match(/\{\{\w+\}\}/g) ?? []);
    expect(places.length, folder).toBeGreaterThan(0);
    expect(places.filter((place) => !bicep.includes(`'${place}'`))).toEqual([]);
  }
});

test("the reconciliation of revokes knows every activity that ends a privilege", async () => {
  const text = await read("infra/detection/revoke-without-end.kql");
  const ends = Object.entries(auditActivities).filter(([, { means }]) => /End$/.test(means));
  expect(ends.map(([name]) => name).filter((name) => !text.includes(`"${name}"`))).toEqual([]);
});

describe("an assignment that ends while the role goes on", async () => {
  const text = await read("infra/detection/end-without-outcome.kql");
  const withShorter = (leftList: number | null) =>
    aState({
      holdings: [aHolding({ sources: [aSource({ leftList }), aSource({ scheduleId: "longer", end: null })] })],
    });
  const recorded: { name: string; properties: Readonly<Record<string, unknown>> }[] = [];
  const event = (name: string, properties: object) => void recorded.push({ name, properties: { ...properties } });
  const telemetry = { event, alarm: event, measure: () => undefined };
  reportCommit(telemetry, withShorter(null), withShorter(at(62)));

  test("is reported by one event, which the reconciliation of ends takes for its explanation", () => {
    expect(recorded).toMatchObject([{ name: "sourceEnded", properties: { principalId: jane } }]);
    expect(new Set(namesAsked(text).map(([, name]) => name))).toEqual(new Set(["outcome", "sourceEnded"]));
  });

  test("explains the end of its own role: the first GUID of its key", () => {
    const [, pattern = ""] = /extract\("([^"]+)", 0, tostring\(Properties\.key\)\)/.exec(text) ?? [];
    const { roleDefinitionId } = aHolding();
    expect(new RegExp(pattern).exec(String(recorded[0]?.properties.key))?.[0]).toBe(roleDefinitionId);
  });

  /** The parser runs nothing: the two conditions that count a row, written as JavaScript. */
  const [settled = "", goesOn = ""] = [...text.matchAll(/countif\((.+)\),?$/gm)].map(([, condition = ""]) =>
    condition
      .replace(/(\w+) !contains ("[^"]+"|\w+)/g, "!$1.includes($2)")
      .replace(/(\w+) contains ("[^"]+"|\w+)/g, "$1.includes($2)")
      .replace(/\b(\d+)m\b/g, "$1 * 60_000")
      .replace(/\band\b/g, "&&")
      .replace(/\bor\b/g, "||"),
  );
  const ended = at(600);
  const role = aHolding().roleDefinitionId;
  const changed = JSON.stringify([{ displayName: "Role.TemplateId", oldValue: `"${role}"`, newValue: null }]);
  const minute = 60_000;

  test.each([
    ["its outcome afterwards", { Name: "outcome", settled: ended + minute }, true],
    ["an outcome before it", { Name: "outcome", settled: ended - minute }, false],
    ["a source of the role that ended afterwards", { Name: "sourceEnded", settled: ended + minute }, true],
    ["one that PIM's list lost a little earlier", { Name: "sourceEnded", settled: ended - minute }, true],
    ["one of long before", { Name: "sourceEnded", settled: ended - 11 * minute }, false],
    ["a source of another role", { Name: "sourceEnded", settled: ended + minute, role: crypto.randomUUID() }, false],
    ["a source, where the row names no role", { Name: "sourceEnded", settled: ended + minute, changed: "[]" }, true],
    ["nothing", { Name: "", settled: 0 }, false],
  ])("whether a row of the audit log is explained by %s", (_what, row, explained) => {
    const values = { ended, role, changed, ...row };
    expect(runInNewContext(settled, values) || runInNewContext(goesOn, values)).toBe(explained);
  });
});

test("every alert rule's query is there, and every query has its rule", async () => {
  const bicep = await read("infra/alerts/alerts.bicep");
  const loaded = [...bicep.matchAll(/name: '([\w-]+)', .*loadTextContent\('([\w-]+)\.kql'\)/g)];
  expect(loaded.every(([, name, file]) => name === file)).toBe(true);
  expect(loaded.map(([, name]) => `infra/alerts/${name}.kql`).sort()).toEqual(
    (await namesOf("infra/alerts", ".kql")).sort(),
  );
});
