import { expect, test } from "vitest";
import { subscriptionHealth } from "../../../shared/notifications/source-health.ts";
import { refusalReason, saveSubscription } from "../../../shared/notifications/subscription-record.ts";
import { canaries } from "../../fixtures/canaries.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";
import { at } from "../../fixtures/principal-builders.ts";
import { aSubscription } from "../../fixtures/subscriptions.ts";

const detailOf = async (reason: string) => {
  const state = createMemoryTable({ now: () => at(0) });
  const failure = { unsupported: false, code: "Forbidden", reason, at: at(0), count: 1 };
  await saveSubscription(state, aSubscription({ id: null, failure }));
  return (await subscriptionHealth(state).groupNotifications?.())?.detail;
};

test("words of Graph's that an older version stored are shown to nobody", async () => {
  expect(await detailOf(`${canaries.name} may not`)).toBe("Forbidden");
});

test("ours are shown", async () => {
  expect(await detailOf(refusalReason(403))).toBe(`Forbidden: ${refusalReason(403)}`);
});
