import { expect, it } from "vitest";
import { noteSessions } from "../../../shared/enforcement/settle.ts";
import { anAttempt, aRevocation, aState, at, aUser } from "../../fixtures/principal-builders.ts";

const through = { groupId: "group", ended: "role" as const };
const fannedOut = aRevocation({ through });
const noted = (seconds: number | null, over: Parameters<typeof aState>[0] = {}) => {
  const state = aState({ revocations: [fannedOut], ...over });
  const user = aUser({ sessionsValidFrom: seconds === null ? null : at(seconds) });
  return noteSessions(state, user).revocations.get(fannedOut.key)?.sessionsValidFromBefore;
};

it("an earlier revoke, even of the cut-off's second, is what was before", () => {
  expect(noted(-500)).toBe(at(-500));
  expect(noted(62)).toBe(at(62));
});

it("a later one is not: it satisfies", () => {
  expect(noted(63)).toBeNull();
  expect(noted(null)).toBeNull();
});

it("what our own call has done is not what was before, unless it was refused", () => {
  expect(noted(62, { attempt: anAttempt() })).toBeNull();
  expect(noted(62, { attempt: anAttempt({ state: "refused" }) })).toBe(at(62));
});

it("the user's own ends know it from their first absence", () => {
  expect(noted(61, { revocations: [aRevocation()] })).toBeNull();
});

it("a user who is missing shows nothing", () => {
  const state = aState({ revocations: [fannedOut] });
  expect(noteSessions(state, null)).toBe(state);
});
