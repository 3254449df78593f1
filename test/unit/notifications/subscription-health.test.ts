import { expect, test } from "vitest";
import type { Delivery } from "../../../shared/notifications/reliability.ts";
import { subscriptionHealthOf } from "../../../shared/notifications/source-health.ts";
import type { SubscriptionRecord } from "../../../shared/notifications/subscription-record.ts";
import { at } from "../../fixtures/principal-builders.ts";
import { aSubscription } from "../../fixtures/subscriptions.ts";

const delivered: Delivery = { resource: aSubscription().resource, source: "groups", at: at(10) };
const failure = { unsupported: false, code: "ValidationError", reason: "timed out", at: at(5), count: 1 };
const groups = (records: readonly SubscriptionRecord[], deliveries: readonly Delivery[] = []) =>
  subscriptionHealthOf("groups", records, deliveries);

test("an accepted subscription proves nothing until something has arrived", () => {
  expect(groups([])).toEqual({ state: "unproven", lastAt: null, detail: null });
  expect(groups([aSubscription()])).toEqual({ state: "unproven", lastAt: null, detail: null });
  expect(groups([aSubscription()], [delivered])).toEqual({
    state: "proven",
    lastAt: "2026-01-05T09:00:10.000Z",
    detail: null,
  });
});

test("a missing one is failing, whatever others deliver, with Graph's code", () => {
  const missing = aSubscription({ id: null, failure });
  expect(groups([aSubscription({ resource: "groups/2/members" }), missing], [delivered])).toMatchObject({
    state: "failing",
    detail: "ValidationError: timed out",
  });
});

test("one that could not be renewed yet still works", () => {
  const silent = aSubscription({ failure: { ...failure, reason: "" } });
  expect(groups([silent], [delivered])).toMatchObject({ state: "proven", detail: "ValidationError" });
});

test("what Graph does not offer is unsupported, and says nothing of other sources", () => {
  const probe = aSubscription({
    resource: "auditLogs/directoryAudits",
    source: "directoryAudits",
    id: null,
    failure: { ...failure, unsupported: true },
  });
  expect(subscriptionHealthOf("directoryAudits", [probe], [])).toMatchObject({ state: "unsupported" });
  expect(groups([probe, aSubscription()])).toMatchObject({ state: "unproven" });
});
