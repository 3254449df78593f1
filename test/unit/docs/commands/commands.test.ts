import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningTenant, startTenant } from "../../../../local/tenant/start-tenant.ts";
import { settingFields } from "../../../../shared/settings/settings-schema.ts";
import { gatherCommands } from "./gather-commands.ts";
import { azdVariables, root } from "./infra-names.ts";
import { judgeCall } from "./judge-call.ts";
import { judgeCommand } from "./judge-command.ts";
import { parseShell } from "./parse-shell.ts";

const documents = await gatherCommands(root);

let tenant: RunningTenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.close());

/** Everything that is wrong with a text that a reader may run. */
async function judge(text: string, assigned = new Set<string>()): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const command of parseShell(text)) {
    problems.push(...(await judgeCommand(command, { assigned, tenantUrl: tenant.url })));
    for (const [name] of command.assignments) assigned.add(name);
  }
  return problems;
}

test("there are commands in the documents, and every fenced block is a command or known to be none", () => {
  const count = (document: string) => documents.find((told) => told.document === document)?.runnable.length ?? 0;
  for (const document of ["README.md", "CONTRIBUTING.md", "docs/deploy.md"]) expect(count(document)).toBeGreaterThan(4);
  const languages = documents.flatMap(({ otherLanguages }) => otherLanguages);
  expect([...new Set(languages)].toSorted()).toEqual(["mermaid", "text"]);
});

describe.each(documents)("$document", ({ runnable, calls, assignments }) => {
  test("has only commands that run as they stand", async () => {
    const assigned = new Set<string>();
    const problems: string[] = [];
    for (const { where, text } of runnable) {
      for (const problem of await judge(text, assigned)) problems.push(`${where}: ${problem}`);
    }
    expect(problems).toEqual([]);
  });

  test("names only endpoints and orders that the app has", () => {
    const problems = calls.flatMap(({ where, text }) => {
      const [method = "", path = ""] = text.split(" ");
      return judgeCall({ method, path, sent: null }).map((problem) => `${where}: ${problem}`);
    });
    expect(problems).toEqual([]);
  });

  test("sets only what the app or the deployment reads", () => {
    const known = [...Object.keys(settingFields), ...azdVariables];
    const unknown = assignments.filter(({ text }) => !known.includes(text.split("=")[0] ?? ""));
    expect(unknown).toEqual([]);
  });
});

describe("a document would be found out that says", () => {
  test.each([
    ["npm run doktor", "no script doktor"],
    ["npm start --once", "would get --once"],
    ["npm start -- --onec", "--onec"],
    ["npm run doctor -- --canary GROUP", "go together"],
    ["npm run replay -- --csv FILE...", "--csv"],
    ["npm run simulate -- --history 5", "--history"],
    ["npm run lint -- --fix", "nothing is known of the arguments"],
    ["npm install", "not classified"],
    ["npx vitest run --project=units test/unit/app.test.ts", "no project units"],
    ["npx vitest run --project=unit test/unit/no.test.ts", "not there"],
    ["infra/create-secret.sh a b", "takes 1 arguments: VAULT"],
    ["az bicep build --file infra/mian.bicep", "infra/mian.bicep is not there"],
    ["az bicep build --out x", "--out"],
    ["az group delete --name x", "not classified"],
    ["az deployment sub create --parameters infra/main.bicepparam --parameters nam=prod", "no parameter nam"],
    [
      "az deployment tenant create --template-file infra/audit-stream/diagnostic-setting.bicep --parameters name=x",
      "needs the parameter authorizationRuleId",
    ],
    ["azd env set AZURE_LOCATIONS x", "reads no AZURE_LOCATIONS"],
    ['echo "$(azd env get-value NO_OUTPUT)"', "no output NO_OUTPUT"],
    ["azd deploy", "not classified"],
    ['curl "https://$NOTIFICATION_HOST/api/alive"', "no GET /api/alive"],
    ['curl "https://$NOTIFICATION_HOST/api/status"', "function key"],
    [
      'curl -X POST "https://$NOTIFICATION_HOST/api/operations/halt" -H "x-functions-key: x" -H "authorization: x"',
      "no order halt",
    ],
    [
      'curl -X POST "https://$NOTIFICATION_HOST/api/operations/stop" -H "x-functions-key: x" -H "authorization: x" -d "{}"',
      "reason",
    ],
    ['curl -X POST $TENANT/simulator/faults -d \'{"path":"/"}\'', "400"],
    ["infra/deploy-package.sh $AZURE_RESOURCE_GROUP $AZURE_APP", "nothing gives $AZURE_APP"],
    ["CUTOFF_MODE=on", "CUTOFF_MODE: expected"],
    ["CUTOF_MODE=off", "no setting CUTOF_MODE"],
    ["docker run cutoff", "docker is not classified"],
  ])("%s", async (text, problem) => {
    expect((await judge(text)).join("\n")).toContain(problem);
  });
});

test.each(["echo x < file", "echo x>file", "echo `date`", "echo 'x"])(
  "what a shell does with %s has to be taught first",
  (text) => {
    expect(() => parseShell(text)).toThrow();
  },
);
