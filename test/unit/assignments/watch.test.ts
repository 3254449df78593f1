import { expect, test } from "vitest";
import { assignmentKey, sameAssignment } from "../../../shared/assignments/watch.ts";

const identity = { scheduleId: "61998d6f", start: "2026-01-05T08:59:00Z" };

test("two activations of one role by one user have different keys", () => {
  const later = { ...identity, start: "2026-01-05T12:00:00Z" };
  expect(sameAssignment(identity, later)).toBe(false);
  expect(assignmentKey(later, 0)).not.toBe(assignmentKey(identity, 0));
});

test("an assignment that lives again has another key", () => {
  expect(assignmentKey(identity, 1)).not.toBe(assignmentKey(identity, 0));
});

test("a permanent assignment without a start has a key, too", () => {
  const permanent = { scheduleId: "61998d6f", start: null };
  expect(sameAssignment(permanent, { ...permanent })).toBe(true);
  expect(assignmentKey(permanent, 0)).not.toBe(assignmentKey(identity, 0));
});
