import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { createGraph, type GraphGateway } from "../../../shared/graph/create-graph.ts";
import { type GraphError, GraphRetryableError } from "../../../shared/graph/errors.ts";
import { createWritePace } from "../../../shared/graph/pace.ts";
import {
  BASE_URL,
  batch,
  credential,
  failureOf,
  gateway,
  graphFailure,
  HELPDESK_GROUP,
  JANE,
  json,
  networkError,
  scriptedFetch,
  testClock,
} from "../graph/harness.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const page = await readFile(`${root}docs/refusals.md`, "utf8");
const rows = [...page.matchAll(/^\| `(\w+)` \| (\d*) ?\| (yes|no) \| ([^|]+) \| [^|]+ \| [^|]+ \| [^|]+ \|$/gm)].map(
  ([, code = "", status = "", again = "", words = ""]) => ({ code, status, again, words }),
);

type Answers = Parameters<typeof gateway>;
const listing = (...answers: Answers) => failureOf(gateway(...answers).graph.listRoleInstances());
const auditing = (...answers: Answers) => failureOf(gateway(...answers).graph.readDirectoryAudits({ since: 0 }));
const thrice = (answer: () => Answers[number]) => listing(answer(), answer(), answer());
const refusing = (status: number, code: string) => () => listing(graphFailure(status, code));
const leadingTo = (link: string) => json({ value: [], "@odata.nextLink": link });
const first = () => leadingTo(`${BASE_URL}/v1.0/more`);
const expired = () => graphFailure(400, "BadRequest");
const again = async (graph: GraphGateway, work: (graph: GraphGateway) => Promise<unknown>) => {
  await work(graph).catch(() => undefined);
  return failureOf(work(graph));
};
const wired = (changes: Partial<Parameters<typeof createGraph>[0]>) =>
  createGraph({
    baseUrl: BASE_URL,
    credential: credential(),
    scope: "s",
    fetch: scriptedFetch().fetch,
    clock: testClock(),
    random: () => 0,
    ...changes,
  });

/** How each code of the table comes about. */
const causes: Readonly<Record<string, () => Promise<GraphError>>> = {
  AadPremiumLicenseRequired: refusing(400, "AadPremiumLicenseRequired"),
  Authentication_RequestFromNonPremiumTenantOrB2CTenant: () =>
    auditing(graphFailure(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant")),
  Authorization_RequestDenied: refusing(403, "Authorization_RequestDenied"),
  BadRequest: refusing(400, "BadRequest"),
  ECONNREFUSED: () => thrice(() => networkError("ECONNREFUSED")),
  ECONNRESET: () => thrice(() => networkError("ECONNRESET")),
  InvalidAuthenticationToken: refusing(401, "InvalidAuthenticationToken"),
  Request_ResourceNotFound: refusing(404, "Request_ResourceNotFound"),
  ServiceUnavailable: () => thrice(() => graphFailure(503, "ServiceUnavailable")),
  TooManyRequests: () => listing(graphFailure(429, "TooManyRequests", { "retry-after": "30" })),
  directoryAuditsUnsupported: () => auditing(graphFailure(404, "ResourceNotFound")),
  foreignLink: () => listing(leadingTo("https://attacker.example/v1.0/x")),
  heldBack: () =>
    again(gateway(graphFailure(429, "TooManyRequests", { "retry-after": "30" })).graph, (graph) =>
      graph.listRoleInstances(),
    ),
  hiddenMembership: () => {
    const seen = batch({ body: { id: HELPDESK_GROUP, visibility: "HiddenMembership" } });
    const { graph } = gateway(batch({ status: 403 }, { status: 403 }), seen);
    return failureOf(graph.readHolders(HELPDESK_GROUP));
  },
  http302: () => listing(new Response(null, { status: 302 })),
  insecureBaseUrl: () => failureOf(Promise.resolve().then(() => wired({ baseUrl: "http://graph.example" }))),
  networkError: () => thrice(() => new TypeError("fetch failed")),
  pageMissing: () => listing(first(), graphFailure(404, "ResourceNotFound")),
  pageTokenRefused: () => listing(first(), expired(), first(), expired(), first(), expired()),
  reportPace: () => {
    const { graph } = gateway(json({ value: [] }), json({ value: [] }));
    const read = async () => {
      for (let turn = 0; turn < 3; turn += 1) await graph.readDirectoryAudits({ since: 0 });
    };
    return failureOf(read());
  },
  timeout: () => thrice(() => new DOMException("took too long", "TimeoutError")),
  tokenUnavailable: () =>
    failureOf(wired({ credential: { getToken: () => Promise.reject(new Error("no")) } }).readPrincipal(JANE)),
  truncatedBody: () => thrice(() => new Response('{"value":[{"id":"1')),
  unexpectedAnswer: () => listing(json({})),
  writePace: () => {
    const pace = createWritePace({ ...testClock(), sleep: () => Promise.resolve() });
    const write = async () => {
      for (let turn = 0; turn < 200; turn += 1) await pace.turn();
    };
    return failureOf(write());
  },
};

describe("the table of refusals", () => {
  test("has each code once, by name, and no other", () => {
    expect(rows.map(({ code }) => code)).toEqual(Object.keys(causes).toSorted());
    expect(page.match(/^\| `/gm)).toHaveLength(rows.length);
  });

  test("has every word of ours that shared/graph knows", async () => {
    const ours = new Set<string>();
    for await (const path of glob("shared/graph/*.ts", { cwd: root })) {
      const source = await readFile(`${root}${path}`, "utf8");
      const codes = /(?:\bcode: |NoAnswerError\(|(?:AUDITS_UNSUPPORTED|TRUNCATED_BODY) = |\[40\d, )"([a-zA-Z]+)"/g;
      for (const [, code = ""] of source.matchAll(codes)) ours.add(code);
    }
    expect(ours.size).toBeGreaterThan(12);
    expect([...ours].filter((code) => !code.startsWith("invalid") && !(code in causes))).toEqual([]);
  });

  test.each(rows)("says of $code what the app says", async ({ code, status, again, words }) => {
    const error = await causes[code]?.();
    expect(error).toMatchObject({ code, status: status === "" ? undefined : Number(status) });
    expect(error?.message).toContain(words);
    expect(error instanceof GraphRetryableError).toBe(again === "yes");
  });
});
