import { describe, expect, test } from "vitest";
import type { GraphSubscription } from "../../../shared/graph/graph.ts";
import { catalogue, planSubscriptions, type Situation } from "../../../shared/notifications/plan.ts";
import { type SubscriptionRecord, subscriptionTimings } from "../../../shared/notifications/subscription-record.ts";
import { at } from "../../fixtures/principal-builders.ts";
import { aGroup, aSubscription, aSubscriptionId, endpoints } from "../../fixtures/subscriptions.ts";

const wanted = catalogue([aGroup], "poll").slice(0, 1);
const record = aSubscription();
const stray = "00000000-0000-4000-8000-00000000000e";

const listedAs = (id: string, over: Partial<GraphSubscription> = {}): GraphSubscription => ({
  id,
  resource: record.resource,
  notificationUrl: endpoints.notificationUrl,
  expiresAt: at(86_400),
  applicationId: null,
  ...over,
});

function plan(records: readonly SubscriptionRecord[], over: Partial<Situation> = {}) {
  const steps = planSubscriptions(
    {
      wanted,
      records: new Map(records.map((one) => [one.resource, one])),
      listed: [listedAs(aSubscriptionId)],
      endpoints,
      markOf: () => record.mark,
      asked: new Set(),
      now: at(300),
      ...over,
    },
    subscriptionTimings,
  );
  return steps.map((step) => ("id" in step ? `${step.kind} ${step.id}` : step.kind));
}

test("what exists as it should is left alone", () => {
  expect(plan([record])).toEqual([]);
});

test("what is missing is created", () => {
  expect(plan([], { listed: [] })).toEqual(["create"]);
});

describe("renewed is", () => {
  test("what is 45 minutes old, long before it expires", () => {
    expect(plan([record], { now: at(45 * 60 - 1) })).toEqual([]);
    expect(plan([record], { now: at(45 * 60) })).toEqual(["renew"]);
  });

  test("what Graph asks for, however often it asks no more than once a minute", () => {
    const asked = new Set([aSubscriptionId]);
    expect(plan([record], { asked, now: at(59) })).toEqual([]);
    expect(plan([record], { asked, now: at(60) })).toEqual(["renew"]);
  });

  test("what the list does not show, unless it is too young for that: only a 404 proves it lost", () => {
    expect(plan([record], { listed: [], now: at(119) })).toEqual([]);
    expect(plan([record], { listed: [], now: at(120) })).toEqual(["renew"]);
  });

  test("not what failed a moment ago", () => {
    const failed = aSubscription({ tryAt: at(4000) });
    expect(plan([failed], { now: at(3999) })).toEqual([]);
    expect(plan([failed], { now: at(4000) })).toEqual(["renew"]);
  });
});

describe("deleted and created anew is", () => {
  const replaced = [`delete ${aSubscriptionId}`, "create"];
  test.each([
    { what: "what sends elsewhere", over: { notificationUrl: "https://old.example/api/graph/notifications" } },
    { what: "what sends its lifecycle elsewhere", over: { lifecycleUrl: "https://old.example/api/graph/lifecycle" } },
    { what: "what has the client state of another secret", over: { mark: "another" } },
    { what: "one for other changes", over: { changeType: "deleted" } },
  ])("$what", ({ over }) => {
    expect(plan([aSubscription(over)])).toEqual(replaced);
  });
});

test("a refused one waits until it may be tried again", () => {
  const refused = aSubscription({ id: null, tryAt: at(400) });
  expect(plan([refused], { listed: [], now: at(399) })).toEqual([]);
  expect(plan([refused], { listed: [], now: at(400) })).toEqual(["create"]);
});

describe("deleted is", () => {
  test("what is ours and not wanted any more", () => {
    expect(plan([record], { wanted: [] })).toEqual([`delete ${aSubscriptionId}`, "forget"]);
    expect(plan([aSubscription({ id: null })], { wanted: [], listed: [] })).toEqual(["forget"]);
  });

  test("all of ours when subscriptions are switched off", () => {
    expect(plan([record], { wanted: [], endpoints: null })).toEqual([`delete ${aSubscriptionId}`, "forget"]);
  });

  test("a stray that sends to our own address: nobody knows its client state", () => {
    expect(plan([record], { listed: [listedAs(aSubscriptionId), listedAs(stray)] })).toEqual([`delete ${stray}`]);
  });

  test.each([
    "https://other.example/api/graph/notifications",
    "https://app.example/api/graph/notifications/",
    "https://app.example.evil.example/api/graph/notifications",
    "not a url",
    null,
  ])("never what another deployment has made: %s", (notificationUrl) => {
    const listed = [listedAs(aSubscriptionId), listedAs(stray, { notificationUrl })];
    expect(plan([record], { listed })).toEqual([]);
    expect(plan([record], { listed, endpoints: null, wanted: [] })).toEqual([`delete ${aSubscriptionId}`, "forget"]);
  });
});
