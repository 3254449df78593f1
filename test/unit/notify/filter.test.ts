import { expect, test } from "vitest";
import type { Closed } from "../../../shared/model/pending-revocation.ts";
import { filteredOutcome, wantsAlarms, wantsOutcome } from "../../../shared/notify/news.ts";
import type { FilterWord } from "../../../shared/settings/settings.ts";
import { aRevocation, at } from "../../fixtures/principal-builders.ts";

const closed: Closed = {
  state: "closed",
  outcome: "revoked",
  closedAt: at(64),
  acceptedAt: at(62),
  verified: true,
  detail: null,
};
const factsOf = (over: Partial<Closed>, roleDefinitionId?: string) =>
  filteredOutcome(aRevocation(roleDefinitionId === undefined ? {} : { roleDefinitionId }), { ...closed, ...over });
const reader = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b";

const facts = {
  "a revoke of tier 0": factsOf({}),
  "a revoke of another role": factsOf({}, reader),
  "a revoke that the read-back has not shown": factsOf({ verified: false }, reader),
  "a failure": factsOf({ outcome: "failed" }, reader),
  "another tenant's user": factsOf({ outcome: "notEnforceable" }, reader),
  "an end that is too old": factsOf({ outcome: "stale" }, reader),
  "a report": factsOf({ outcome: "reportOnly", verified: false }, reader),
};
type Name = keyof typeof facts;
const all: readonly Name[] = [
  "a revoke of tier 0",
  "a revoke of another role",
  "a revoke that the read-back has not shown",
  "a failure",
  "another tenant's user",
  "an end that is too old",
  "a report",
];

const cases: readonly { words: readonly FilterWord[]; outcomes: readonly Name[]; alarms: boolean }[] = [
  { words: ["outcomes"], outcomes: all, alarms: false },
  { words: ["tier0"], outcomes: ["a revoke of tier 0"], alarms: false },
  { words: ["attention"], outcomes: all.slice(2, 6), alarms: true },
  { words: ["alarms"], outcomes: [], alarms: true },
  { words: ["tier0", "attention"], outcomes: ["a revoke of tier 0", ...all.slice(2, 6)], alarms: true },
];

test.each(cases)("$words lets pass what it names", ({ words, outcomes, alarms }) => {
  const filter = new Set(words);
  expect(all.filter((name) => wantsOutcome(filter, facts[name]))).toEqual(outcomes);
  expect(wantsAlarms(filter)).toBe(alarms);
});
