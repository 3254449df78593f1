import { describe, expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { recordResult, waitAfter } from "../../../shared/enforcement/settle.ts";
import {
  type GraphError,
  GraphPermanentError,
  GraphRetryableError,
  GraphUncertainError,
} from "../../../shared/graph/errors.ts";
import type { Progress } from "../../../shared/model/pending-revocation.ts";
import { anAttempt, aRevocation, aState, at, janesKey } from "../../fixtures/principal-builders.ts";

const closed: Progress = {
  state: "closed",
  outcome: "stale",
  closedAt: at(9),
  acceptedAt: null,
  verified: false,
  detail: null,
};
const called = aState({
  revocations: [
    aRevocation(),
    aRevocation({ key: "later" }),
    aRevocation({ key: "closed meanwhile", progress: closed }),
  ],
  attempt: anAttempt({ covers: [janesKey, "closed meanwhile", "unknown"] }),
});
const unavailable = new GraphRetryableError("503", { code: "serviceNotAvailable", status: 503, reason: "unavailable" });
const throttled = new GraphRetryableError("429", {
  code: "TooManyRequests",
  status: 429,
  reason: "throttled",
  retryAfter: 12_345,
});
const denied = new GraphPermanentError("403", { code: "Authorization_RequestDenied", status: 403 });
const unknownUser = new GraphPermanentError("404", { code: "Request_ResourceNotFound", status: 404 });
const uncertain = new GraphUncertainError("timeout", { code: "timeout" });

const failed = (error: GraphError) => recordResult(called, { error, date: at(63) }, defaultTimings);
const progressAfter = (error: GraphError) => failed(error).revocations.get(janesKey)?.progress;

test("an accepted call satisfies the pending revocations it was made for, and no other", () => {
  const { revocations, attempt } = recordResult(called, { error: null, date: at(63) }, defaultTimings);
  expect(revocations.get(janesKey)?.progress).toEqual({ state: "accepted", acceptedAt: at(63) });
  expect(revocations.get("later")?.progress.state).toBe("pending");
  expect(revocations.get("closed meanwhile")?.progress).toEqual(closed);
  expect(attempt).toEqual(anAttempt({ state: "accepted", covers: called.attempt?.covers ?? [] }));
});

describe("a call that provably was not applied", () => {
  test.each([
    { why: "is throttled", error: throttled, notBefore: at(63) + 12_345, code: "TooManyRequests" },
    { why: "finds Graph unavailable", error: unavailable, notBefore: at(64), code: "serviceNotAvailable" },
    { why: "finds no such user", error: unknownUser, notBefore: at(123), code: "Request_ResourceNotFound" },
    { why: "is denied", error: denied, notBefore: at(123), code: "Authorization_RequestDenied" },
  ])("and $why waits, and says for what", ({ error, notBefore, code }) => {
    expect(failed(error).attempt?.state).toBe("refused");
    expect(progressAfter(error)).toEqual({ state: "pending", notBefore, heldBy: `refused:${code}` });
  });
});

test("a call of unknown result stays pending, uncertain from the end of the call on", () => {
  const { revocations, attempt } = failed(uncertain);
  expect(revocations.get(janesKey)?.progress).toEqual(aRevocation().progress);
  expect(attempt).toMatchObject({ state: "uncertain", uncertainSince: at(63) });
});

test("without an attempt there is nothing to record", () => {
  const state = aState({ revocations: [aRevocation()] });
  expect(recordResult(state, { error: null, date: at(63) }, defaultTimings)).toBe(state);
});

test("a Retry-After of nothing is still a wait: a loop of calls would cost the tenant's write quota", () => {
  const eager = new GraphRetryableError("429", {
    code: "TooManyRequests",
    status: 429,
    reason: "throttled",
    retryAfter: 0,
  });
  expect(waitAfter(eager, defaultTimings)).toBeGreaterThanOrEqual(defaultTimings.retryEvery);
});
