import { expect, test } from "vitest";
import { settle } from "../../../shared/enforcement/settle.ts";
import { type Outcome, residualOf } from "../../../shared/model/pending-revocation.ts";
import { summarize } from "../../../shared/model/principal.ts";
import { circumstances } from "../../fixtures/circumstances.ts";
import { anAttempt, aRevocation, aState, at, aUser, janesKey } from "../../fixtures/principal-builders.ts";

const minutes = (n: number) => n * 60;

test("an access token issued up to the revoke runs out within 90 minutes, CAE hears within 15, an app's session is its own", () => {
  expect(residualOf(at(0))).toEqual({
    accessTokensUntil: at(minutes(90)),
    caeUntil: at(minutes(15)),
    appSessionsUntil: null,
  });
});

test("of a call whose answer was lost, and that only the read-back shows, it counts from the read-back", () => {
  const state = aState({
    revocations: [aRevocation()],
    attempt: anAttempt({ state: "uncertain", uncertainSince: at(63) }),
  });
  const given = circumstances({ state, date: at(70), user: aUser({ sessionsValidFrom: at(64) }) });
  expect(settle(given, "new").state.revocations.get(janesKey)?.progress).toMatchObject({
    outcome: "revoked",
    acceptedAt: null,
    outlives: residualOf(at(70)),
  });
});

test("what was not cut by a call of ours says nothing of the kind", () => {
  const state = aState({ revocations: [aRevocation()] });
  const given = circumstances({ state, user: aUser({ sessionsValidFrom: at(64) }) });
  const progress = settle(given, "new").state.revocations.get(janesKey)?.progress;
  expect(progress).toMatchObject({ outcome: "alreadySatisfied" satisfies Outcome });
  expect(progress).not.toHaveProperty("outlives");
});

test("the head shows the latest of them", () => {
  const revoked = (key: string, cutAt: number) =>
    aRevocation({
      key,
      progress: {
        state: "closed",
        outcome: "revoked",
        closedAt: cutAt,
        acceptedAt: cutAt,
        verified: true,
        detail: null,
        outlives: residualOf(cutAt),
      },
    });
  const { head, revocations } = aState({ revocations: [revoked("a", at(100)), revoked("b", at(50)), aRevocation()] });
  expect(summarize(head, revocations).exposedUntil).toBe(at(100 + minutes(90)));
  expect(summarize({ ...head, exposedUntil: 1 }, new Map())).not.toHaveProperty("exposedUntil");
});
