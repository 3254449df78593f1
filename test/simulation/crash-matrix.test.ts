import { expect, test } from "vitest";
import { coreApp } from "./core-app.ts";
import { type CrashPoint, crashAt, crashPoints } from "./crash-matrix.ts";
import { naiveApp } from "./naive-app.ts";

const points = await crashPoints(coreApp());
const byCall = Map.groupBy(points, ({ call, when }) => `${when} ${call}`);

test("the matrix covers reconcile, resync and revoke", () => {
  const calls = new Set(points.map(({ call }) => call));
  for (const call of [
    "graph.listRoleInstances",
    "graph.readPrincipal",
    "graph.revokeSignInSessions",
    "principals.list",
    "principals.commit",
    "principals.scan",
    "state.commit",
    "queue.send",
    "host.deleteMessage",
  ]) {
    expect(calls, call).toContain(call);
  }
});

for (const [name, group] of byCall) {
  test(`a death ${name} (${group.length} times) leaves exactly one revoke per user`, { timeout: 120_000 }, async () => {
    expect(await problemsAt(group)).toEqual([]);
  });
}

test("an app without a record of its calls fails the matrix", { timeout: 60_000 }, async () => {
  const naivePoints = await crashPoints(naiveApp);
  const results = await Promise.all(naivePoints.slice(0, 40).map((point) => crashAt(naiveApp, point)));
  expect(results.some(({ problems }) => problems.length > 0)).toBe(true);
});

async function problemsAt(group: readonly CrashPoint[]): Promise<string[]> {
  const found: string[] = [];
  for (const point of group) {
    const { problems } = await crashAt(coreApp(), point);
    found.push(...problems.map((problem) => `port call ${point.index}: ${problem}`));
  }
  return found;
}
