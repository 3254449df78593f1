import { expect, test } from "vitest";
import { catalogue, quota } from "../../../shared/notifications/plan.ts";
import { isProbe } from "../../../shared/notifications/subscription-record.ts";

const groups = (count: number) => Array.from({ length: count }, (_, n) => `group-${n}`);
const minutes = (milliseconds: number) => milliseconds / 60_000;

test("one for the members of each watched group, in their order, and the probes last", () => {
  const wanted = catalogue(["b", "a"], "poll");
  expect(wanted.map(({ resource }) => resource)).toEqual([
    "groups/b/members",
    "groups/a/members",
    "roleManagement/directory/roleAssignmentScheduleInstances",
    "auditLogs/directoryAudits",
  ]);
  expect(wanted.map(({ source }) => isProbe(source))).toEqual([false, false, true, true]);
  expect(wanted[0]).toMatchObject({ changeType: "updated", groupId: "b" });
});

test("above the quota the first hundred, or by choice one for all groups", () => {
  const polled = catalogue(groups(quota + 1), "poll").filter(({ source }) => source === "groups");
  expect(polled.map(({ groupId }) => groupId)).toEqual(groups(quota));
  const all = catalogue(groups(quota + 1), "allGroups").filter(({ source }) => source === "groups");
  expect(all).toMatchObject([{ resource: "groups", groupId: null }]);
  expect(catalogue(groups(quota), "allGroups").filter(({ groupId }) => groupId !== null)).toHaveLength(quota);
});

test("nobody asks for more than 41,760 minutes, or for less than 45", () => {
  for (const { lifetime } of [...catalogue(groups(1), "poll"), ...catalogue(groups(101), "allGroups")]) {
    expect(minutes(lifetime)).toBeLessThanOrEqual(41_760);
    expect(minutes(lifetime)).toBeGreaterThan(45);
  }
});
