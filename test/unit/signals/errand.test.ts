import { expect, test } from "vitest";
import { errandMessage, parseErrand } from "../../../shared/signals/errand.ts";

test.each([
  { errand: "resync" },
  { errand: "catchUp", toldAt: 1_800_000_000_000 },
  { errand: "subscribe", groupId: "9d0c1b2a-0000-4000-8000-000000000009" },
  { errand: "keepSubscriptions", asked: ["7f105c7d-2dc5-4530-97cd-4e7ae6534c07"] },
  { errand: "sendAll", messages: [{ v: 1, errand: "resync" }] },
] as const)("$errand survives the queue", (errand) => {
  expect(parseErrand(JSON.parse(JSON.stringify(errandMessage(errand))))).toMatchObject(errand);
});

test.each([
  null,
  {},
  { v: 2, errand: "resync" },
  { v: 1, errand: "revoke" },
  { v: 1, errand: "keepSubscriptions" },
  { v: 1, errand: "subscribe", groupId: "everything" },
  { v: 1, errand: "sendAll", messages: {} },
])("anything else is none: %j", (message) => {
  expect(parseErrand(message)).toBeNull();
});
