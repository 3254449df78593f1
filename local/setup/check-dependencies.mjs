// The dependencies as the lockfile has them: each with its checksum, none from elsewhere than a registry, each under a licence that we may ship
// or build with. Known vulnerabilities are asked for where the registry answers; where it does not, that is said and is no failure.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";

const allowed = new Set([
  "MIT",
  "MIT-0",
  "ISC",
  "Apache-2.0",
  "0BSD",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "Unlicense",
  "CC0-1.0",
  "Python-2.0",
  "MPL-2.0",
  "Zlib",
  // uri-templates, which Azurite brings along for development: public domain, or MIT where there is none.
  "http://geraintluff.github.io/tv4/LICENSE.txt",
]);

/** What is wrong with the packages of a lockfile (version 3), one line each. Pure. */
export function problemsOf({ lockfileVersion, packages }) {
  if (lockfileVersion !== 3) return [`lockfile version ${lockfileVersion}: 3 is expected`];
  return Object.entries(packages).flatMap(([path, { integrity, resolved, link, license }]) => {
    if (path === "") return [];
    const problems = [];
    if (link === true) problems.push("is a link");
    if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? "")) problems.push("has no sha512 checksum");
    if (resolved !== undefined && !/^https:\/\/[^/]+\/.+\.tgz$/.test(resolved)) problems.push("is not from a registry");
    if (!isAllowed(license)) problems.push(`has the licence ${license ?? "(none)"}`);
    return problems.map((problem) => `${path} ${problem}`);
  });
}

/** An SPDX expression of which one alternative is allowed. */
const isAllowed = (license = "") =>
  license
    .replace(/[()]/g, "")
    .split(" OR ")
    .some((one) => one.split(" AND ").every((part) => allowed.has(part.trim())));

/** The packages counted by licence, most first. Pure. */
export function licencesOf({ packages }) {
  const counts = new Map();
  for (const [path, { license = "(none)" }] of Object.entries(packages)) {
    if (path !== "") counts.set(license, (counts.get(license) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}

function audit() {
  const { stdout } = spawnSync("npm", ["audit", "--omit=dev", "--audit-level=high", "--json"], { encoding: "utf8" });
  const report = parse(stdout);
  if (report?.metadata?.vulnerabilities === undefined) return { asked: false };
  const { high, critical } = report.metadata.vulnerabilities;
  return { asked: true, bad: high + critical };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

if (process.argv[1] === import.meta.filename) {
  const lockfile = JSON.parse(readFileSync("package-lock.json", "utf8"));
  const problems = problemsOf(lockfile);
  for (const problem of problems) console.error(problem);
  console.log(
    `Licences: ${licencesOf(lockfile)
      .map(([license, count]) => `${license} ${count}`)
      .join(", ")}`,
  );
  const { asked, bad } = audit();
  console.log(
    asked
      ? `npm audit: ${bad} high or critical in what is shipped.`
      : "npm audit: not served by this registry. Nothing is known about vulnerabilities.",
  );
  if (problems.length > 0 || bad > 0) process.exitCode = 1;
}
