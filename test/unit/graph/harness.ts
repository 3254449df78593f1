import type { Clock } from "../../../shared/base/clock.ts";
import { createGraph, type GraphGateway } from "../../../shared/graph/create-graph.ts";
import { type GraphError, isGraphError } from "../../../shared/graph/errors.ts";
import { type Permission, permissions } from "../../../shared/graph/permissions.ts";

export const BASE_URL = "https://graph.example";
export const DATE = "Sun, 06 Sep 2026 18:40:46 GMT";
export const DATE_MS = Date.UTC(2026, 8, 6, 18, 40, 46);
export const JANE = "a1a1a1a1-0001-4abc-8def-0123456789ab";
export const HELPDESK_GROUP = "b2b2b2b2-0002-4abc-8def-0123456789ab";
export const USER_ADMIN = "fe930be7-5e62-47db-91af-98c3a49a38b1";

/** A clock whose time passes only in sleeps and by `pass`. */
export interface TestClock extends Clock {
  readonly sleeps: number[];
  pass(ms: number): void;
}

export function testClock(): TestClock {
  let time = 1_000;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => time,
    monotonic: () => time,
    async sleep(ms) {
      sleeps.push(ms);
      time += ms;
    },
    pass(ms) {
      time += ms;
    },
  };
}

export interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly redirect: string | undefined;
}

type Step = Response | Error | ((sent: Sent) => Response | Promise<Response>);

/** Answers with the steps in turn, and fails loudly when there are more requests than steps. */
export function scriptedFetch(...steps: Step[]) {
  const sent: Sent[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const { method = "GET", headers, body, redirect } = init;
    const request = {
      url: new URL(url).href,
      method,
      headers: new Headers(headers),
      body: typeof body === "string" ? JSON.parse(body) : undefined,
      redirect,
    };
    sent.push(request);
    const step = steps[sent.length - 1];
    if (step === undefined) throw new Error(`unscripted request ${sent.length}: ${method} ${url}`);
    if (step instanceof Error) throw step;
    return typeof step === "function" ? step(request) : step;
  };
  return { fetch, sent };
}

/** What Node's fetch throws when the network fails. */
export const networkError = (code: string): TypeError =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("an error of the network"), { code }) });

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { date: DATE, "content-type": "application/json", "request-id": "req-1", ...headers },
  });

export const graphFailure = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  json({ error: { code, message: "jane.doe@contoso.example must not be shown" } }, status, headers);

export interface ItemAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** A `$batch` answer, items in reverse order: Graph promises none. */
export const batch = (...items: ItemAnswer[]): Response =>
  json({ responses: items.map((item, index) => ({ id: String(index + 1), status: 200, ...item })).toReversed() });

export const roleInstanceRow = (changes: Readonly<Record<string, unknown>> = {}) => ({
  id: "Role_and_principal-1",
  principalId: JANE,
  roleDefinitionId: USER_ADMIN,
  directoryScopeId: "/",
  appScopeId: null,
  startDateTime: "2026-09-06T18:10:47.01Z",
  endDateTime: "2026-09-06T18:40:45.843Z",
  assignmentType: "Activated",
  memberType: "Direct",
  roleAssignmentOriginId: "Role_and_principal-1",
  roleAssignmentScheduleId: "c3c3c3c3-0003-4abc-8def-0123456789ab",
  ...changes,
});

export const directoryRow = (changes: Readonly<Record<string, unknown>> = {}) => ({
  id: "row",
  principalId: JANE,
  roleDefinitionId: USER_ADMIN,
  directoryScopeId: "/",
  ...changes,
});

export const userBody = (changes: Readonly<Record<string, unknown>> = {}) => ({
  id: JANE,
  identities: [{ signInType: "userPrincipalName", issuer: "simulated.example" }],
  signInSessionsValidFromDateTime: "2026-09-01T08:00:00Z",
  ...changes,
});

export const credential = (token = "secret-token") => ({
  async getToken() {
    return { token, expiresOnTimestamp: Number.POSITIVE_INFINITY };
  },
});

/** A gateway on scripted answers. Random is 0.5 throughout: back-offs are exactly 200 and 400 ms. */
export function gateway(...steps: Step[]): { graph: GraphGateway; sent: Sent[]; clock: TestClock } {
  return gatewayNeeding(permissions, ...steps);
}

/** The gateway of an app that should have these permissions. */
export function gatewayNeeding(needed: readonly Permission[], ...steps: Step[]) {
  const { fetch, sent } = scriptedFetch(...steps);
  const clock = testClock();
  const scope = `${BASE_URL}/.default`;
  const common = { baseUrl: BASE_URL, credential: credential(), scope, fetch, clock, needed };
  const graph = createGraph({ ...common, random: () => 0.5 });
  return { graph, sent, clock };
}

/** The Graph error that a promise rejects with. Anything else fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<GraphError> {
  try {
    await work;
  } catch (error) {
    if (isGraphError(error)) return error;
    throw error;
  }
  throw new Error("expected a Graph error, but it succeeded");
}
