// npm run infra:check: everything about a deployment that can be known without Azure. Any finding fails. Says plainly what it could not check.
// `-- --write` writes the snapshots of infra/snapshots/ anew.
import { parseArgs } from "node:util";
import { given } from "../../local/setup/given.ts";
import { checkAzureYaml } from "./check-azure-yaml.ts";
import { checkBicep } from "./check-bicep.ts";
import { checkQueries } from "./check-queries.ts";
import { checkScripts } from "./check-scripts.ts";
import { checkWorkflows } from "./check-workflows.ts";

const { write } = given(
  `npm run infra:check -- [--write]

Checks everything about a deployment that can be known without Azure: templates, queries, scripts and workflows. Exit code 0: nothing
was found; 1: something was.

  --write  writes the compiled templates of infra/snapshots anew, after an intended change
  --help   says this
`,
  (args) => parseArgs({ args, options: { write: { type: "boolean", default: false } } }).values,
);
for (const check of [checkAzureYaml, checkQueries, checkScripts, checkWorkflows, () => checkBicep(write)]) {
  for (const { what, problems, unchecked } of await check()) {
    if (unchecked !== undefined) console.log(`infra: ${what} NOT checked. ${unchecked}`);
    else if (problems.length === 0) console.log(`infra: ${what}: nothing to find fault with`);
    else {
      console.error(`infra: ${what}\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
      process.exitCode = 1;
    }
  }
}
