import { expect, it } from "vitest";
import { insightsOf, received, type Step } from "./support/insights.ts";
import { activate } from "./support/roles.ts";
import { openWorld } from "./support/world.ts";

const revoke = "POST users/{id}/revokeSignInSessions";

it("reports to Application Insights every outcome, how fast it was, and one trace from signal to verified revoke", async () => {
  await using world = await openWorld("telemetry");
  const { control } = world;
  // Without an audit log it is certain which signal finds which end.
  await control.changeSettings({ audit: { offered: false } });
  const guest = await control.createUser({ name: "Canary Guest", kind: "guest" });
  const host = await world.startHost(insightsOf(world));
  // An end that comes within seconds of the first pass is waited for there, and found by what led to that pass.
  const expiring = await activate(control, { seconds: 30 });
  const removed = await activate(control, { seconds: 3600 });
  await activate(control, { userId: guest.id, seconds: 30 });
  await world.awaitHoldings(removed.userId);
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
    // When an end came that nobody announced is not known.
    expect(measuredBy(name)).not.toContainEqual(expect.objectContaining({ end: "unknown" }));
  }
  expect(measuredBy("graphCalls")).toContainEqual({ endpoint: revoke, result: "ok" });
  expect(measuredBy("pendingPrincipals")).toContainEqual({ age: "underOneMinute" });
  expect(measuredBy("sourceHealthy")).toContainEqual({ source: "resync" });
  expect(measuredBy("sourceHealthy")).toContainEqual({ source: "directoryAuditCatchUp", state: "unsupported" });
  expect(measuredBy("thresholdUsers")).toContainEqual({ limit: "unplanned" });

  for (const userId of [expiring.userId, removed.userId]) {
    const trace = steps.filter(({ traceId }) => traceId === outcomeOf(userId)?.traceId);
    const call = trace.find(({ name }) => name === revoke);
    expect(call).toMatchObject({ kind: "RemoteDependencyData", success: true });
    expect(trace.map((step) => originOf(trace, step))).toEqual(trace.map(() => originOf(trace, call)));
  }
  const hops = steps.filter(({ traceId }) => traceId === outcomeOf(removed.userId)?.traceId);
  const triggered = hops.filter(({ kind }) => kind === "RequestData").map(({ name }) => name);
  // The timer or the heartbeat: whichever came first.
  expect(triggered.filter((name) => ["resync", "heartbeat"].includes(name))).toHaveLength(1);
  expect(triggered.filter((name) => name === "principals").length).toBeGreaterThanOrEqual(2); // the second absence is a message

  for (const secret of [
    "Canary",
    "Somebody",
    "Bearer",
    // Nor is anything left out that the app has to report.
    "[redacted]",
    "eyJ",
    world.connectionString,
    host.masterKey,
    host.functionKey,
  ]) {
    expect(text).not.toContain(secret);
  }
});

/** The id that the first step names as its own or, if it began before telemetry was loaded, as what led to it. */
function originOf(trace: readonly Step[], step: Step | undefined): string | undefined {
  const parent = trace.find(({ id }) => id === step?.parentId);
  return parent === undefined ? (step?.parentId ?? step?.id) : originOf(trace, parent);
}
