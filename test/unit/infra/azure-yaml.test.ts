import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { problemsOf } from "../../../infra/check/check-azure-yaml.ts";

const text = await readFile(new URL("../../../azure.yaml", import.meta.url), "utf8");

test("azd takes azure.yaml, and does all that it says", async () => {
  expect(await problemsOf(text)).toEqual([]);
});

test("the package is deployed by azd deploy alone, never by azd provision", () => {
  expect(text.match(/^ {2}\w+:(?=(?:\n {4}.*)*deploy-package)/gm)).toEqual(["  postdeploy:"]);
});

test.each([
  ["a hook that azd does not know", text.replace("postprovision", "postProvision"), "Unrecognized key"],
  ["a script that is not there", text.replace("create-secret.sh", "make-secret.sh"), "make-secret.sh: is not there"],
  ["a shell that the scripts are not for", text.replace("shell: sh", "shell: pwsh"), 'expected "sh"'],
])("%s is a problem", async (_what, changed, problem) => {
  expect((await problemsOf(changed)).join()).toContain(problem);
});
