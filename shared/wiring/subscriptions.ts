import { randomUUID } from "node:crypto";
import { headRow } from "../assignments/principal-rows.ts";
import { deriveKeys } from "../secrets/derive-key.ts";
import type { DeliveryDependencies } from "../signals/receive-delivery.ts";
import { createSignalWriter } from "../signals/signal-writer.ts";
import { createTokenValidator } from "../signals/validation-tokens.ts";
import { createDeliveryNotes } from "../subscriptions/deliveries.ts";
import { createWarmUp, endpointsAt } from "../subscriptions/endpoints.ts";
import type { KeeperDependencies } from "../subscriptions/keep-subscriptions.ts";
import { createKnownSubscriptions } from "../subscriptions/known-subscriptions.ts";
import { subscriptionTimings } from "../subscriptions/subscription-timings.ts";
import type { Basis } from "./basis.ts";

/** What keeps Graph telling us, and what takes in what it tells. */
export function wireSubscriptions({
  settings,
  clock,
  telemetry,
  strangers,
  graph,
  graphClock,
  principals,
  state,
  signals,
}: Basis) {
  const { subscriptions, watchedGroups } = settings;
  const keys = deriveKeys(settings.secrets, "client-state");
  const keeper: KeeperDependencies = {
    graph,
    graphClock,
    principals,
    state,
    signals,
    clock,
    newId: randomUUID,
    telemetry,
    keys,
    endpoints: subscriptions === null ? null : endpointsAt(subscriptions.baseUrl),
    beyondQuota: subscriptions?.beyondQuota ?? "poll",
    watched: watchedGroups === "none" ? null : watchedGroups,
    tenantId: settings.tenantId,
    warmUp: createWarmUp(globalThis.fetch),
    timings: subscriptionTimings,
  };
  const deliveries: DeliveryDependencies = {
    known: createKnownSubscriptions(state, clock),
    keys,
    writeSignals: createSignalWriter(signals, clock),
    validateTokens: createTokenValidator({
      authority: settings.graph.authority,
      fetch: globalThis.fetch,
      now: () => graphClock.now(),
      monotonic: clock.monotonic,
    }),
    isKnown: async (principalId) => (await principals.get(principalId, headRow)).value !== undefined,
    noteDeliveries: createDeliveryNotes(state, clock, telemetry),
    graphClock,
    telemetry,
    strangers,
    step: (name, options, work) => telemetry.step(name, options, work),
  };
  return { keeper, deliveries };
}
