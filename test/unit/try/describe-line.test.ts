import { expect, test } from "vitest";
import { createDescriber } from "../../../local/try/describe-line.ts";

const principalId = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const roleDefinitionId = "fe930be7-5e62-47db-91af-98c3a49a38b1";
const groupId = "4f2504e0-4f89-41d3-9a0c-0305e82c3301";
const line = (event: string, properties: object) => JSON.stringify({ event, ...properties });

test("the first reading of the tenant is shown, the later ones are not", () => {
  const describe = createDescriber();
  expect(describe(line("resynced", { listed: 3 }))).toBe("has read the tenant: active assignments of roles: 3");
  expect(describe(line("resynced", { listed: 4 }))).toBeNull();
  expect(describe(line("purged", {}))).toBeNull();
  expect(describe(line("ended", { principalId, roleDefinitionId }))).toBeNull();
});

test.each([
  [
    "holdingBegan",
    { principalId, roleDefinitionId, endDateTime: "2026-11-25T10:00:00Z" },
    `watches ${principalId} role ${roleDefinitionId}, 2026-11-25T10:00:00Z`,
  ],
  [
    "holdingBegan",
    { principalId, roleDefinitionId, endDateTime: null },
    `watches ${principalId} role ${roleDefinitionId}, with no end`,
  ],
  [
    "outcome",
    { principalId, groupId, end: "removed", outcome: "reportOnly", detail: "wouldRevoke" },
    `removed: ${principalId} group ${groupId}: reportOnly wouldRevoke`,
  ],
  [
    "outcome",
    { principalId, roleDefinitionId, end: "expired", outcome: "stillHeld", detail: null },
    `expired: ${principalId} role ${roleDefinitionId}: stillHeld`,
  ],
])("%s %j", (event, properties, expected) => {
  expect(createDescriber()(line(event, properties))).toBe(expected);
});

test.each([
  "One problem with the app settings.",
  "{ not JSON",
  line("resyncRefused", { code: "Forbidden", alarm: true }),
  line("outcome", { outcome: 7 }),
])("whatever else is said stays as it is: %s", (text) => {
  expect(createDescriber()(text)).toBe(text);
});
