import { expect, it } from "vitest";
import { insightsOf, received, type Step } from "./support/insights.ts";
import { activate } from "./support/roles.ts";
import { openWorld } from "./support/world.ts";

const revoke = "POST users/{id}/revokeSignInSessions";

it("tells Application Insights every outcome, how fast it was, and one trace from signal to verified revoke", async () => {
  await using world = await openWorld("telemetry");
  const { control } = world;
  const guest = await control.createUser({ name: "Canary Guest", kind: "guest" });
  const host = await world.startHost(insightsOf(world));
  const expiring = await activate(control, { seconds: 14 });
  const removed = await activate(control, { seconds: 3600 });
  await activate(control, { userId: guest.id, seconds: 14 });
  await world.watched(removed.userId);
  await control.remove(removed.scheduleId);
  const users = [expiring.userId, removed.userId, guest.id];
  for (const userId of users) await world.closed(userId);
  // The exporter sends once a minute at the latest what the app measured; the rest goes when the host stops.
  await host.stop();

  const { events, measured, steps, text } = await received(world);
  const outcomes = events.filter(({ name }) => name === "outcome");
  expect(outcomes.map(({ properties }) => properties.principalId).toSorted()).toEqual(users.toSorted());
  const outcomeOf = (userId: string) => outcomes.find(({ properties }) => properties.principalId === userId);
  expect(outcomeOf(expiring.userId)?.properties).toMatchObject({
    outcome: "revoked",
    verified: "true",
    kind: "role",
    end: "expired",
    foundBy: "timer",
    endDateTime: expect.stringMatching(/Z$/),
    cutOff: expect.stringMatching(/Z$/),
    acceptedAt: expect.stringMatching(/Z$/),
    closedAt: expect.stringMatching(/Z$/),
    endToVerified: expect.stringMatching(/^\d+$/),
  });
  expect(outcomeOf(removed.userId)?.properties).toMatchObject({
    outcome: "revoked",
    end: "unknown",
    foundBy: "resync",
  });
  expect(outcomeOf(guest.id)?.properties).toMatchObject({ outcome: "notEnforceable" });

  const measuredBy = (name: string) =>
    measured.filter((metric) => metric.name === name).map(({ dimensions }) => dimensions);
  for (const name of ["endToDetected", "endToAccepted", "endToVerified"]) {
    expect(measuredBy(name)).toContainEqual({ source: "timer", kind: "role", end: "expired" });
    expect(measuredBy(name)).toContainEqual({ source: "resync", kind: "role", end: "unknown" });
  }
  expect(measuredBy("graphCalls")).toContainEqual({ endpoint: revoke, result: "ok" });
  expect(measuredBy("pendingPrincipals")).toContainEqual({ age: "underOneMinute" });
  expect(measuredBy("sourceHealthy")).toContainEqual({ source: "resync" });
  expect(measuredBy("thresholdUsers")).toContainEqual({ limit: "unplanned" });

  for (const [userId, signal] of [
    [expiring.userId, "principals"],
    [removed.userId, /^resync/],
  ] as const) {
    const trace = steps.filter(({ traceId }) => traceId === outcomeOf(userId)?.traceId);
    expect(trace.filter(({ name }) => name === revoke)).toHaveLength(1);
    const first = rootOf(
      trace,
      trace.find(({ name }) => name === revoke),
    );
    expect(first).toMatchObject({ kind: "RequestData", name: expect.stringMatching(signal) });
    expect(trace.map((step) => rootOf(trace, step))).toEqual(trace.map(() => first));
  }
  const hops = steps.filter(
    ({ traceId, kind }) => traceId === outcomeOf(removed.userId)?.traceId && kind === "RequestData",
  );
  expect(hops.length).toBeGreaterThanOrEqual(3); // the resync, the look that it asked for, and the second absence

  for (const secret of [
    "Canary",
    "Somebody",
    "Bearer",
    "eyJ",
    world.connectionString,
    host.masterKey,
    host.functionKey,
  ]) {
    expect(text).not.toContain(secret);
  }
});

/** The step that led to this one, over all hops. */
function rootOf(trace: readonly Step[], step: Step | undefined): Step | undefined {
  const parent = trace.find(({ id }) => id === step?.parentId);
  return parent === undefined ? step : rootOf(trace, parent);
}
