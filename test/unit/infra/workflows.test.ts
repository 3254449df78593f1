import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const folder = fileURLToPath(new URL("../../../.github/workflows/", import.meta.url));
const { scripts } = JSON.parse(await readFile(new URL("../../../package.json", import.meta.url), "utf8"));

describe.each(await readdir(folder))("%s", async (name) => {
  const text = await readFile(folder + name, "utf8");

  test("pins every action by commit, with its version beside it", () => {
    const uses = [...text.matchAll(/uses: (.+)/g)].map(([, action = ""]) => action);
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((action) => !/^[\w./-]+@[0-9a-f]{40} # v\d/.test(action))).toEqual([]);
  });

  test("has no permission but those that a job names", () => {
    expect(text).toMatch(/^permissions: \{\}$/m);
    expect(text.match(/^ {2}\w[\w-]*:\n(?: {4}.*\n)*? {4}permissions:/gm)?.length).toBe(
      [...text.matchAll(/^ {4}runs-on:/gm)].length,
    );
  });

  test("keeps no token in the checkout", () => {
    const checkouts = [...text.matchAll(/actions\/checkout@/g)].length;
    expect([...text.matchAll(/persist-credentials: false/g)]).toHaveLength(checkouts);
  });

  test("names no host of one cloud: Azure says where the app is", () => {
    expect(text).not.toMatch(/azurewebsites|\bazure\.com|windows\.net|microsoftonline/);
  });

  test("runs only scripts that there are", () => {
    const commands = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script = ""]) => script);
    expect(commands.filter((script) => !(script in scripts))).toEqual([]);
  });
});

describe("what is deployed", async () => {
  const [deploy, release] = await Promise.all(
    ["deploy.yml", "release.yml"].map((name) => readFile(folder + name, "utf8")),
  );
  const verify = /gh attestation verify (?:.*\\\n)*.*/;

  test("is a release's package, verified before anything of Azure is signed in to or changed", () => {
    const steps = ["gh release download", "gh attestation verify", "uses: azure/login", "infra/deploy-package.sh"];
    const places = steps.map((step) => deploy?.indexOf(step) ?? -1);
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(deploy).toContain('infra/deploy-package.sh "$GROUP" "$APP" local/out/pim-cutoff.zip');
    expect(deploy).not.toMatch(/npm (?:ci|install|run)/);
  });

  test("was built by the release workflow of this repository, from that commit of that tag, on a runner of GitHub", () => {
    const signer = '--signer-workflow "$GITHUB_REPOSITORY/.github/workflows/release.yml"';
    for (const text of [deploy, release]) {
      const [command = ""] = verify.exec(text ?? "") ?? [];
      for (const option of [signer, "--source-ref ", "--source-digest ", "--deny-self-hosted-runners"]) {
        expect(command).toContain(option);
      }
    }
    expect(verify.exec(deploy ?? "")?.[0]).toContain(
      '--source-ref "refs/tags/$TAG" --source-digest "$(git rev-parse HEAD)"',
    );
    expect(deploy).toMatch(/^ {10}ref: refs\/tags\/\$\{\{ inputs\.release \}\}$/m);
  });

  test("is verified before there is a release", () => {
    expect(release?.indexOf("gh attestation verify")).toBeGreaterThan(
      release?.indexOf("attest-build-provenance@") ?? 0,
    );
    expect(release?.indexOf("gh attestation verify")).toBeLessThan(release?.indexOf("gh release create") ?? 0);
  });
});

test("a bot proposes updates of packages and actions: weekly, in groups, a few at a time", async () => {
  const { version, updates } = parse(
    await readFile(new URL("../../../.github/dependabot.yml", import.meta.url), "utf8"),
  );
  expect(version).toBe(2);
  expect(updates).toMatchObject([
    { "package-ecosystem": "npm", directory: "/", schedule: { interval: "weekly" }, "open-pull-requests-limit": 4 },
    {
      "package-ecosystem": "github-actions",
      directory: "/",
      schedule: { interval: "weekly" },
      "open-pull-requests-limit": 2,
    },
  ]);
  for (const { groups } of updates) expect(Object.keys(groups).length).toBeGreaterThan(0);
});
