import { expect, test } from "vitest";
import { settle } from "../../../shared/enforcement/settle.ts";
import { closedAs, outcomes, residualOf } from "../../../shared/model/pending-revocation.ts";
import { summarized } from "../../../shared/model/principal.ts";
import { circumstances } from "../../fixtures/circumstances.ts";
import { anAttempt, aRevocation, aState, at, aUser, janesKey } from "../../fixtures/principal-builders.ts";

const minutes = (n: number) => n * 60;

test("an access token issued up to the revoke runs out within 90 minutes, CAE hears within 15", () => {
  const called = { ...closedAs("revoked", at(5)), acceptedAt: at(0) };
  expect(residualOf(called)).toEqual({ accessTokensUntil: at(minutes(90)), caeUntil: at(minutes(15)) });
});

test("of a call whose answer was lost, and that only the read-back shows, it counts from the read-back", () => {
  const state = aState({
    revocations: [aRevocation()],
    attempt: anAttempt({ state: "uncertain", uncertainSince: at(63) }),
  });
  const given = circumstances({ state, date: at(70), user: aUser({ sessionsValidFrom: at(64) }) });
  const progress = settle(given, "new").state.revocations.get(janesKey)?.progress;
  expect(progress).toMatchObject({ outcome: "revoked", acceptedAt: null });
  expect(progress?.state === "closed" && residualOf(progress)?.caeUntil).toBe(at(70 + minutes(15)));
});

test.each(outcomes.filter((outcome) => outcome !== "revoked"))(
  "%s was no call of ours, and says nothing of the kind",
  (outcome) => {
    expect(residualOf(closedAs(outcome, at(62)))).toBeNull();
  },
);

test("the head shows the latest of them", () => {
  const revoked = (key: string, cutAt: number) =>
    aRevocation({
      key,
      progress: { ...closedAs("revoked", cutAt), acceptedAt: cutAt, verified: true },
    });
  const state = aState({ revocations: [revoked("a", at(100)), revoked("b", at(50)), aRevocation()] });
  expect(summarized(state).head.exposedUntil).toBe(at(100 + minutes(90)));
  expect(summarized(aState({ head: { exposedUntil: 1 } })).head).not.toHaveProperty("exposedUntil");
});
