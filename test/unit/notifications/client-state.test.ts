import { expect, test } from "vitest";
import { type DerivedKeys, deriveKeys } from "../../../shared/base/keys.ts";
import { clientState, expectedStates, isExpected, markOf } from "../../../shared/notifications/authenticate.ts";

const [first, second] = ["one secret of thirty-two characters", "two secrets of thirty-two characters"] as const;
const before = deriveKeys({ current: first, previous: null }, "client-state");
const rotated = deriveKeys({ current: second, previous: first }, "client-state");
const replaced = deriveKeys({ current: second, previous: null }, "client-state");
const isClientState = (given: string, keys: DerivedKeys, of: typeof subject) =>
  isExpected(given, expectedStates(keys, of));
const subject = { resource: "groups/1/members", nonce: "a" };

test("it fits into what Graph allows, and differs by subscription and by creation", () => {
  const state = clientState(before.current, subject);
  expect(state).toMatch(/^[\w-]{43}$/);
  expect(clientState(before.current, { ...subject, resource: "groups/2/members" })).not.toBe(state);
  expect(clientState(before.current, { ...subject, nonce: "b" })).not.toBe(state);
});

test("the one of the previous secret counts while there is one", () => {
  const state = clientState(before.current, subject);
  expect(isClientState(state, before, subject)).toBe(true);
  expect(isClientState(state, rotated, subject)).toBe(true);
  expect(isClientState(clientState(rotated.current, subject), rotated, subject)).toBe(true);
  expect(isClientState(state, replaced, subject)).toBe(false);
});

test.each(["", "x", "é", "x".repeat(128)])("anything else does not: %j", (given) => {
  expect(isClientState(given, rotated, subject)).toBe(false);
});

test("its mark changes with the secret and gives nothing away", () => {
  const mark = markOf(before.current, subject);
  expect(mark).not.toBe(markOf(rotated.current, subject));
  expect(clientState(before.current, subject)).not.toContain(mark);
});
