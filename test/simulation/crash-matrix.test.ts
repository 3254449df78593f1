import { expect, test } from "vitest";
import { coreApp } from "./core-app.ts";
import { type CrashPoint, canonicalHistory, crashAt, crashPoints, groupEnds, groupHistory } from "./crash-matrix.ts";
import type { History } from "./history.ts";
import { naiveApp } from "./naive-app.ts";

const matrices = [
  {
    name: "of the ends of users' roles",
    history: canonicalHistory,
    points: await crashPoints(coreApp()),
    covered: [
      "graph.listRoleInstances",
      "graph.readPrincipal",
      "graph.revokeSignInSessions",
      "principals.list",
      "principals.commit",
      "principals.scan",
      "state.commit",
      "queue.send",
      "host.deleteMessage",
    ],
  },
  {
    name: "of what ends through groups",
    history: groupHistory,
    points: await crashPoints(coreApp(), groupHistory, groupEnds),
    covered: ["graph.readHolders", "graph.readAccess", "principals.commit", "queue.send"],
  },
];

for (const { name, history, points, covered } of matrices) {
  test(`the matrix ${name} covers what it should`, () => {
    const calls = new Set(points.map(({ call }) => call));
    for (const call of covered) expect(calls, call).toContain(call);
  });

  for (const [place, group] of Map.groupBy(points, ({ call, when }) => `${when} ${call}`)) {
    test(`${name}: a death ${place} (${group.length} times) leaves exactly one revoke per user`, {
      timeout: 240_000,
    }, async () => {
      expect(await problemsAt(group, history)).toEqual([]);
    });
  }
}

test("an app without a record of its calls fails the matrix", { timeout: 60_000 }, async () => {
  const naivePoints = await crashPoints(naiveApp);
  const results = await Promise.all(naivePoints.slice(0, 40).map((point) => crashAt(naiveApp, point)));
  expect(results.some(({ problems }) => problems.length > 0)).toBe(true);
});

async function problemsAt(group: readonly CrashPoint[], history: History): Promise<string[]> {
  const found: string[] = [];
  for (const point of group) {
    const { problems } = await crashAt(coreApp(), point, history);
    found.push(...problems.map((problem) => `port call ${point.index}: ${problem}`));
  }
  return found;
}
