import { describe, expect, test } from "vitest";
import { createGraph } from "../../../shared/graph/create-graph.ts";
import { callResult, createCallWatch } from "../../../shared/graph/send.ts";
import type { Tracing } from "../../../shared/telemetry/telemetry.ts";
import {
  BASE_URL,
  credential,
  failureOf,
  JANE,
  json,
  networkError,
  scriptedFetch,
  testClock,
  userBody,
} from "./harness.ts";

const list = "GET roleManagement/directory/roleAssignmentScheduleInstances";

function measuredGraph(...answers: Parameters<typeof scriptedFetch>) {
  const measured: unknown[] = [];
  const steps: Record<string, unknown>[] = [];
  const tracing: Tracing = {
    step(name, { kind, properties }, work) {
      const said: Record<string, unknown> = { name, kind, ...properties };
      steps.push(said);
      return work({ set: (more) => void Object.assign(said, more) });
    },
    traceparent: () => undefined,
  };
  const measure = (name: string, value: number, dimensions = {}) => void measured.push({ name, value, ...dimensions });
  const graph = createGraph({
    baseUrl: BASE_URL,
    credential: credential(),
    scope: "a",
    fetch: scriptedFetch(...answers).fetch,
    clock: testClock(),
    random: () => 0.5,
    calls: createCallWatch({ measure }, tracing),
  });
  return { graph, measured, steps };
}

describe("every request to Graph", () => {
  test("is a step with its status and Graph's id of it, never its path, and is counted", async () => {
    const headers = { "request-id": "the-request", "x-ms-throttle-limit-percentage": "0.9" };
    const { graph, measured, steps } = measuredGraph(json({ value: [] }, 200, headers));
    await graph.listRoleInstances();
    expect(steps).toEqual([
      {
        name: list,
        kind: "client",
        "http.request.method": "GET",
        priority: "low",
        "http.response.status_code": 200,
        requestId: "the-request",
      },
    ]);
    expect(measured).toEqual([
      { name: "graphCalls", value: 1, endpoint: list, result: "ok" },
      { name: "throttlePercentage", value: 0.9, endpoint: list },
    ]);
  });

  test("each try is one, also the one that nobody answered", async () => {
    const { graph, measured, steps } = measuredGraph(networkError("ECONNRESET"), json({}, 503), json({ value: [] }));
    await graph.listRoleInstances();
    expect(steps.map((step) => step["http.response.status_code"])).toEqual([undefined, 503, 200]);
    expect(measured).toMatchObject([{ result: "unanswered" }, { result: "unavailable" }, { result: "ok" }]);
  });

  test("items of a batch are counted by themselves", async () => {
    const answer = json({
      responses: [
        { id: "1", status: 429, headers: { "Retry-After": "9", "x-ms-throttle-limit-percentage": "1.1" } },
        { id: "2", status: 200, body: { value: [] } },
        { id: "3", status: 404 },
      ],
    });
    const { graph, measured } = measuredGraph(answer);
    await failureOf(graph.readPrincipal(JANE));
    expect(measured).toEqual([
      { name: "graphCalls", value: 1, endpoint: "POST $batch", result: "ok" },
      { name: "graphCalls", value: 1, endpoint: list, result: "throttled" },
      { name: "throttlePercentage", value: 1.1, endpoint: list },
      { name: "graphCalls", value: 1, endpoint: "GET roleManagement/directory/roleAssignments", result: "ok" },
      { name: "graphCalls", value: 1, endpoint: "GET users/{id}", result: "missing" },
    ]);
  });

  test("a revoke is one as well", async () => {
    const { graph, steps, measured } = measuredGraph(json(userBody(), 200));
    await graph.revokeSignInSessions(JANE);
    expect(steps).toMatchObject([{ name: "POST users/{id}/revokeSignInSessions", "http.request.method": "POST" }]);
    expect(measured).toMatchObject([{ name: "graphCalls", result: "ok" }]);
  });
});

test("a status is described in few words", () => {
  expect([204, 302, 401, 403, 404, 408, 429, 500, 503].map(callResult)).toEqual([
    "ok",
    "refused",
    "refused",
    "refused",
    "missing",
    "unavailable",
    "throttled",
    "unavailable",
    "unavailable",
  ]);
});
