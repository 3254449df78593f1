import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { outcomeContent, toStandardMessage } from "../../../shared/notify/formats.ts";
import { jane } from "../../fixtures/fake-world.ts";
import { aRevocation, at } from "../../fixtures/principal-builders.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const page = await readFile(`${root}docs/recipes.md`, "utf8");

/** Where the code of the page is run: inside the repository, so that it finds its packages. */
let folder = "";

/** The functions that the page's code under this heading exports. */
async function codeUnder(heading: string, ...names: readonly string[]) {
  const [, part = ""] = page.split(new RegExp(`^#+ ${heading}$`, "m"));
  const [, code = ""] = /```js\n([\s\S]*?)```/.exec(part) ?? [];
  const file = `${folder}/${heading.replaceAll(/\W/g, "-")}.mjs`;
  await writeFile(file, code);
  const module: unknown = await import(/* @vite-ignore */ pathToFileURL(file).href);
  const exported = z.record(
    z.string(),
    z.custom<(...given: unknown[]) => unknown>((one) => typeof one === "function"),
  );
  const functions = exported.parse({ ...Object(module) });
  return names.map((name) => functions[name] ?? expect.unreachable(`The page exports no ${name}.`));
}

interface Arrived {
  readonly method: string;
  /** The host that the code named. */
  readonly host: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** What came to the stand-in, and what it answers next: the last answer for ever. */
let arrived: Arrived[] = [];
let answers: readonly (readonly [status: number, body: string])[] = [];
let origin = "";

async function arrive(request: IncomingMessage): Promise<void> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  arrived.push({
    method: request.method ?? "",
    host: String(request.headers["x-named-host"]),
    url: new URL(request.url ?? "/", origin),
    authorization: request.headers.authorization,
    body,
  });
}
const server = createServer((request, response) => {
  void arrive(request).then(() => {
    const [status, body] = answers[Math.min(arrived.length, answers.length) - 1] ?? [200, "{}"];
    response.writeHead(status).end(status === 204 ? undefined : body);
  });
});

/** Goes to the stand-in instead of the product. */
function toStandIn(wanted: string, init: RequestInit = {}): Promise<Response> {
  const { protocol, host, pathname, search } = new URL(wanted);
  expect(protocol).toBe("https:");
  const headers = new Headers(init.headers);
  headers.set("x-named-host", host);
  return fetch(`${origin}${pathname}${search}`, { ...init, headers });
}

beforeAll(async () => {
  await mkdir(`${root}local/out`, { recursive: true });
  folder = await mkdtemp(`${root}local/out/recipes-`);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  origin = `http://127.0.0.1:${address === null || typeof address === "string" ? 0 : address.port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  arrived = [];
  answers = [];
});

const secret = Buffer.alloc(32, 7);
const closed = {
  state: "closed" as const,
  outcome: "failed" as const,
  closedAt: at(64),
  acceptedAt: null,
  verified: false,
  detail: null,
};

/** What a channel of the format `standard` sends now. */
const sent = () => toStandardMessage(outcomeContent(jane, aRevocation(), closed), [secret], Date.now());
const lower = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

async function readMessage() {
  const [read] = await codeUnder("What every recipe begins with", "read");
  const { headers, body } = sent();
  return read?.(`whsec_${secret.toString("base64")}`, lower(headers), body);
}

test("a message of a channel is read when it is genuine, and refused when it is not", async () => {
  const [read] = await codeUnder("What every recipe begins with", "read");
  const { headers, body } = sent();
  expect(await readMessage()).toMatchObject({
    id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
    type: "outcome.failed",
    data: { principalId: jane, cutOff: new Date(at(62)).toISOString() },
  });
  const other = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
  expect(() => read?.(other, lower(headers), body)).toThrow();
  expect(() => read?.(`whsec_${secret.toString("base64")}`, lower(headers), body.replace(jane, "x"))).toThrow();
});

describe("AWS", () => {
  const arn = "arn:aws:iam::123456789012:policy/ended-privileges";
  const versions = `<ListPolicyVersionsResponse><ListPolicyVersionsResult><Versions>
    <member><VersionId>v7</VersionId><IsDefaultVersion>true</IsDefaultVersion></member>
    <member><IsDefaultVersion>false</IsDefaultVersion><VersionId>v6</VersionId></member>
  </Versions></ListPolicyVersionsResult></ListPolicyVersionsResponse>`;

  test("the policy denies what was issued before the end, and old versions make room for it", async () => {
    answers = [
      [200, versions],
      [200, "<ok/>"],
    ];
    const [denyOlder] = await codeUnder("AWS IAM Identity Center", "denyOlder");
    await denyOlder?.(toStandIn, arn, { "user-1": "2026-01-05T09:01:02.000Z", "user-2": "2026-01-05T08:00:00.000Z" });
    const calls = arrived.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
    expect(new Set(arrived.map(({ method, host, url }) => `${method} ${host}${url.pathname}`))).toEqual(
      new Set(["POST iam.amazonaws.com/"]),
    );
    expect(calls.map(({ Action, VersionId, PolicyArn, Version }) => [Action, VersionId, PolicyArn, Version])).toEqual([
      ["ListPolicyVersions", undefined, arn, "2010-05-08"],
      ["DeletePolicyVersion", "v6", arn, "2010-05-08"],
      ["CreatePolicyVersion", undefined, arn, "2010-05-08"],
    ]);
    expect(calls[2]?.SetAsDefault).toBe("true");
    const policy: unknown = JSON.parse(calls[2]?.PolicyDocument ?? "");
    const statement = (userId: string, time: string) => ({
      Effect: "Deny",
      Action: "*",
      Resource: "*",
      Condition: {
        StringEquals: { "identitystore:userId": userId },
        DateLessThan: { "aws:TokenIssueTime": time },
      },
    });
    expect(policy).toEqual({
      Version: "2012-10-17",
      Statement: [statement("user-1", "2026-01-05T09:01:02.000Z"), statement("user-2", "2026-01-05T08:00:00.000Z")],
    });
  });

  test("a refusal is thrown, so that pim-cutoff sends the outcome again", async () => {
    answers = [[403, "<no/>"]];
    const [denyOlder] = await codeUnder("AWS IAM Identity Center", "denyOlder");
    await expect(denyOlder?.(toStandIn, arn, {})).rejects.toThrow("IAM answered ListPolicyVersions with 403.");
  });
});

describe("Okta", () => {
  test.each([
    [204, "is done"],
    [404, "is done: there is no such user any more"],
  ])("after %i it %s", async (status) => {
    answers = [[status, ""]];
    const [endSessions] = await codeUnder("Okta", "endSessions");
    await endSessions?.(toStandIn, "contoso.okta.com", "a-token", "00u1/x");
    expect(arrived).toMatchObject([{ method: "DELETE", host: "contoso.okta.com", authorization: "Bearer a-token" }]);
    expect(arrived[0]?.url.pathname).toBe("/api/v1/users/00u1%2Fx/sessions");
    expect(arrived[0]?.url.search).toBe("?oauthTokens=true");
  });

  test("anything else is thrown", async () => {
    answers = [[429, ""]];
    const [endSessions] = await codeUnder("Okta", "endSessions");
    await expect(endSessions?.(toStandIn, "contoso.okta.com", "a-token", "00u1")).rejects.toThrow("429");
  });
});

const parsed = (body: string | undefined): unknown => JSON.parse(body ?? "null");

describe.each([
  {
    product: "ServiceNow",
    name: "openIncident",
    given: ["contoso.service-now.com", "a-token"],
    none: JSON.stringify({ result: [] }),
    one: JSON.stringify({ result: [{ number: "INC1" }] }),
    authorization: "Bearer a-token",
    asks: (id: string) => ["sysparm_query", `correlation_id=${id}`],
    makes: (id: string) => ({
      path: "/api/now/table/incident",
      body: {
        short_description: "pim-cutoff: outcome.failed",
        correlation_id: id,
        description: expect.stringContaining(`principalId: ${jane}`),
      },
    }),
  },
  {
    product: "Jira",
    name: "openIssue",
    given: ["contoso.atlassian.net", "bot@contoso.example:a-token", "SEC"],
    none: JSON.stringify({ issues: [] }),
    one: JSON.stringify({ issues: [{ key: "SEC-1" }] }),
    authorization: `Basic ${Buffer.from("bot@contoso.example:a-token").toString("base64")}`,
    asks: (id: string) => ["jql", `project = "SEC" AND labels = "${id}"`],
    makes: (id: string) => ({
      path: "/rest/api/3/issue",
      body: {
        fields: {
          project: { key: "SEC" },
          issuetype: { name: "Task" },
          labels: ["pim-cutoff", id],
          summary: "pim-cutoff: outcome.failed",
          description: {
            type: "doc",
            version: 1,
            content: expect.arrayContaining([
              { type: "paragraph", content: [{ type: "text", text: `principalId: ${jane}` }] },
            ]),
          },
        },
      },
    }),
  },
])("$product", ({ product, name, given, none, one, authorization, asks, makes }) => {
  const message = z.looseObject({ id: z.string() });

  test("gets one ticket, which a second message finds", async () => {
    const news = message.parse(await readMessage());
    const [open] = await codeUnder(product, name);
    answers = [
      [200, none],
      [201, "{}"],
      [200, one],
    ];
    await open?.(toStandIn, ...given, news);
    await open?.(toStandIn, ...given, news);
    expect(arrived.map(({ method, host }) => [method, host])).toEqual([
      ["GET", given[0]],
      ["POST", given[0]],
      ["GET", given[0]],
    ]);
    expect(new Set(arrived.map((request) => request.authorization))).toEqual(new Set([authorization]));
    const [parameter = "", question] = asks(news.id);
    expect(arrived[0]?.url.searchParams.get(parameter)).toBe(question);
    const { path, body } = makes(news.id);
    expect(arrived[1]?.url.pathname).toBe(path);
    expect(parsed(arrived[1]?.body)).toEqual(body);
  });

  test("that refuses is an error, so that pim-cutoff sends the outcome again", async () => {
    const news = message.parse(await readMessage());
    const [open] = await codeUnder(product, name);
    answers = [[401, "{}"]];
    await expect(open?.(toStandIn, ...given, news)).rejects.toThrow("401");
    arrived = [];
    answers = [
      [200, none],
      [500, "{}"],
    ];
    await expect(open?.(toStandIn, ...given, news)).rejects.toThrow("500");
  });
});

test("each recipe says that it was not tried against the product", () => {
  for (const part of page.split(/^## /m).slice(2)) expect(part).toContain("Not tried against the product.");
});
