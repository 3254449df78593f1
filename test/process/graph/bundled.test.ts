import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";

/** What the app does with the gateway, in miniature. */
const ENTRY = `
  import { systemClock } from "./shared/base/clock.ts";
  import { createCredential } from "./shared/base/credential.ts";
  import { createGraph } from "./shared/graph/create-graph.ts";

  async function main(baseUrl) {
    const credential = createCredential({ kind: "managedIdentity" });
    const scope = "https://graph.microsoft.com/.default";
    const graph = createGraph({ baseUrl, credential, scope, fetch, clock: systemClock, random: Math.random });
    const { value } = await graph.listRoleInstances();
    await graph.revokeSignInSessions("a1a1a1a1-0001-4abc-8def-0123456789ab");
    const { name, code } = await graph.listRoleInstances().catch((error) => error);
    console.log(JSON.stringify({ rows: value.length, name, code }));
  }
  main(process.env.BASE_URL);
`;

/** App Service's identity endpoint and Graph, which has had enough after two requests. */
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.url?.split("?")[0]} ${request.headers.authorization ?? "-"}`);
  const expires_on = String(Math.floor(Date.now() / 1_000) + 3_600);
  const token = { access_token: "the-token", expires_on, token_type: "Bearer" };
  response.statusCode = asked.length > 3 ? 403 : 200;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(request.url?.startsWith("/msi/") ? token : { value: [] }));
});
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pim-cutoff-"));
  await once(server.listen(0, "127.0.0.1"), "listening");
});

afterAll(async () => {
  server.closeAllConnections();
  await once(server.close(), "close");
  await rm(folder, { recursive: true });
});

it("works as the one minified CommonJS file that is deployed", async () => {
  const outfile = join(folder, "main.cjs");
  await build({
    stdin: { contents: ENTRY, resolveDir: fileURLToPath(new URL("../../..", import.meta.url)), loader: "js" },
    outfile,
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    minify: true,
    keepNames: true,
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server is not listening");
  const BASE_URL = `http://127.0.0.1:${address.port}`;
  const env = { ...process.env, BASE_URL, IDENTITY_ENDPOINT: `${BASE_URL}/msi/token`, IDENTITY_HEADER: "secret" };
  const { stdout } = await promisify(execFile)(process.execPath, [outfile], { env });

  expect(JSON.parse(stdout)).toEqual({ rows: 0, name: "GraphPermanentError", code: "http403" });
  const list = "/v1.0/roleManagement/directory/roleAssignmentScheduleInstances Bearer the-token";
  expect(asked).toEqual([
    "/msi/token -",
    list,
    "/v1.0/users/a1a1a1a1-0001-4abc-8def-0123456789ab/revokeSignInSessions Bearer the-token",
    list,
  ]);
});
