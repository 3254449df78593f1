import { expect, test } from "vitest";
import { compareEnforcement, enforcementOf, noteEnforcement } from "../../../shared/enforcement/changed-settings.ts";
import type { Settings } from "../../../shared/settings/settings.ts";
import { createFakeWorld, enforceAll } from "../../fixtures/fake-world.ts";

type Enforcing = Parameters<typeof enforcementOf>[0];
const usual: Enforcing = {
  policy: enforceAll,
  threshold: { planned: null, unplanned: 10 },
  enforcedRoles: "all",
  watchedGroups: "auto",
  auditRules: new Set(),
};
const policy = (over: Partial<Settings["policy"]>): Partial<Enforcing> => ({ policy: { ...enforceAll, ...over } });
const ids = (...some: string[]) => new Set(some);
const hour = 3_600_000;

const weakenings: readonly [string, Partial<Enforcing>, Partial<Enforcing>][] = [
  ["CUTOFF_MODE", policy({}), policy({ mode: "reportOnly" })],
  ["CUTOFF_MODE", policy({ mode: "reportOnly" }), policy({ mode: "off" })],
  ["CUTOFF_STOP", policy({}), policy({ stopped: true })],
  ["INCLUDED_PRINCIPALS", policy({}), policy({ included: ids("a") })],
  ["INCLUDED_PRINCIPALS", policy({ included: ids("a", "b") }), policy({ included: ids("a") })],
  ["EXCLUDED_PRINCIPALS", policy({}), policy({ excluded: ids("a") })],
  ["STALE_AFTER_HOURS", policy({}), policy({ staleAfter: hour })],
  ["COALESCE_MINUTES", policy({}), policy({ coalesceWithin: 60_000 })],
  ["LATE_EXEMPTIONS", policy({}), policy({ lateExemptions: "honour" })],
  ["THRESHOLD_PLANNED", {}, { threshold: { planned: 5, unplanned: 10 } }],
  ["THRESHOLD_UNPLANNED", {}, { threshold: { planned: null, unplanned: 0 } }],
  ["ENFORCED_ROLES", {}, { enforcedRoles: ["Global Administrator"] }],
  ["WATCHED_GROUPS", {}, { watchedGroups: "none" }],
  ["WATCHED_GROUPS", {}, { watchedGroups: ids("a") }],
  ["AUDIT_RULES", { auditRules: new Set(["Reset password"]) }, {}],
];

const compare = (one: Partial<Enforcing>, other: Partial<Enforcing>) =>
  compareEnforcement(enforcementOf({ ...usual, ...one }), enforcementOf({ ...usual, ...other }));

test.each(weakenings)("weaker settings are reported, and stronger ones: %s", (setting, strong, weak) => {
  expect(compare(strong, weak)).toMatchObject([{ setting, direction: "weaker" }]);
  expect(compare(weak, strong)).toMatchObject([{ setting, direction: "stronger" }]);
  expect(compare(weak, weak)).toEqual([]);
});

test("a list that loses some and gains others does both, and only counts are reported", () => {
  expect(compare(policy({ excluded: ids("a", "b") }), policy({ excluded: ids("b", "c", "d") }))).toEqual([
    { setting: "EXCLUDED_PRINCIPALS", direction: "both", countBefore: 2, count: 3 },
  ]);
});

test("a weaker setting raises one alarm for all instances, and none at the first start", async () => {
  const { state, dependencies, recorded } = createFakeWorld();
  const start = (over: Partial<Enforcing>) =>
    noteEnforcement(state, enforcementOf({ ...usual, ...over }), dependencies.telemetry);
  await start({});
  await start({});
  expect(recorded).toEqual([]);
  await Promise.all([start(policy({ mode: "off" })), start(policy({ mode: "off" }))]);
  expect(recorded).toMatchObject([
    {
      name: "enforcementChanged",
      properties: { setting: "CUTOFF_MODE", direction: "weaker", countBefore: 2, count: 0 },
    },
  ]);
});

test("a setting that an older version did not note has not changed", () => {
  const now = enforcementOf(usual);
  expect(compareEnforcement({ numbers: {}, lists: {} }, now)).toEqual([]);
});
