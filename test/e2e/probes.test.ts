import { describe, expect, it } from "vitest";
import { freePort } from "../../local/stack/free-port.ts";
import type { HistoryEvent } from "../../local/tenant/history-events.ts";
import { refusalReason } from "../../shared/notifications/subscription-record.ts";
import { readHealth } from "./support/health.ts";
import { isEnd, revokesOf, timeOf } from "./support/history.ts";
import { keeperTurn } from "./support/keeper-turn.ts";
import { startReachableHost } from "./support/reachable-host.ts";
import { activate } from "./support/roles.ts";
import { lastOf } from "./support/watched-group.ts";
import { eventually, type LoggingHost, openWorld, type World } from "./support/world.ts";

const hour = 3600;
/** What was first seen less than five minutes ago needs a second absence a minute after the first. */
const tooYoung = 6 * 60_000;
/** Else six seconds after it, whoever reports the end of a role; Graph's dates are whole seconds, and so are delays of messages. */
const secondAnswer = 8000;
const instances = "roleManagement/directory/roleAssignmentScheduleInstances";
const audits = "auditLogs/directoryAudits";
/** The read of the whole list, which is the resync. */
const list = "/roleAssignmentScheduleInstances(?!.*filter)";
/** Nothing that Graph notifies is found by the timer that reads the audit log. */
const noCatchUpTimer = { "AzureWebJobs.directoryAuditCatchUp.Disabled": "true" };

const stateOf = async (host: LoggingHost, source: string) => (await readHealth(host)).sources[source];

const becomes = (host: LoggingHost, source: string, state: string) =>
  eventually(async () => expect(await stateOf(host, source)).toMatchObject({ state }));

/** From here on the app gets no answer from what these match. */
const cutOffFrom = async ({ control }: World, ...paths: readonly string[]) => {
  for (const path of paths) {
    await control.addFault({ path, fault: { kind: "status", when: "beforeEffect", statuses: [503] } });
  }
};

/** When the app first took a notification of this resource after the event with this number. */
async function firstDelivery({ control }: World, resource: string, past: number): Promise<number> {
  const ids = (await control.subscriptions()).filter((one) => one.resource === resource).map(({ id }) => id);
  const isDelivery = (event: HistoryEvent) =>
    event.seq > past && event.event === "notificationDelivered" && event.subscriptionIds.some((id) => ids.includes(id));
  const found = (await control.history()).find(isDelivery);
  if (found === undefined) throw new Error(`Nothing was delivered about ${resource}.`);
  return timeOf(found);
}

/** Graph answers five reads of the log in this time, milliseconds (Graph docs: throttling-limits). */
const reportWindow = 10_000;

/** Until the log has not been read for as long as its quota remembers: the next read need not wait for its turn. */
async function untilLogRests({ control }: World): Promise<void> {
  let reads = -1;
  let since = performance.now();
  await eventually(async () => {
    const isRead = (event: HistoryEvent) => event.event === "graphCalled" && event.path.includes("/auditLogs/");
    const counted = (await control.history()).filter(isRead).length;
    if (counted !== reads) since = performance.now();
    reads = counted;
    expect(performance.now() - since).toBeGreaterThan(reportWindow);
  });
}

describe.concurrent("what Graph does not document as subscribable", () => {
  it("is asked for once a day; on the day it is offered it is used, unproven until something arrives", async () => {
    await using world = await openWorld("probes");
    const { control } = world;
    await control.changeSettings({ appTokenSeconds: 90 * 86_400, notifications: { delayMs: 0 } });
    const host = await startReachableHost(world, await freePort(), noCatchUpTimer);
    for (const source of ["roleInstanceNotifications", "directoryAuditNotifications"]) {
      await becomes(host, source, "unsupported");
      expect((await stateOf(host, source))?.detail).toContain(refusalReason(400));
    }

    await control.changeSettings({ notifications: { offered: [instances, audits] } });
    await control.setClock({ jumpMs: 25 * hour * 1000 });
    await keeperTurn(world, host);
    for (const source of ["roleInstanceNotifications", "directoryAuditNotifications"]) {
      await becomes(host, source, "unproven");
    }
    const first = await activate(control, { seconds: hour });
    await world.awaitHoldings(first.userId);
    await control.setClock({ jumpMs: tooYoung });
    await becomes(host, "roleInstanceNotifications", "proven");
    await becomes(host, "directoryAuditNotifications", "proven");

    // The list and the audit log show nothing any more: the notification about the instance is all there is.
    await cutOffFrom(world, list, "/auditLogs/");
    let past = await lastOf(world);
    await control.remove(first.scheduleId);
    expect(await world.closed(first.userId)).toMatchObject([{ outcome: "revoked" }]);
    expect([...(await world.stored(first.userId)).revocations.values()]).toMatchObject([{ foundBy: "notification" }]);
    const [byInstance = 0, ...more] = revokesOf(await control.history(), first.userId);
    expect(more).toEqual([]);
    expect(byInstance - (await firstDelivery(world, instances, past))).toBeLessThan(secondAnswer);

    // And the other way round: only the audit log's notification leads to a read of the log, and to its principal.
    await control.clearFaults();
    const second = await activate(control, { seconds: hour });
    await world.awaitHoldings(second.userId);
    await control.setClock({ jumpMs: tooYoung });
    // The log of the day that was passed over is read by the hour: what comes now must not wait for that.
    const firstEnd = (await control.history()).find((event) => isEnd(event, first.scheduleId));
    await eventually(async () => {
      const newestRow = (await stateOf(host, "directoryAuditCatchUp"))?.lastAt ?? "";
      expect(Date.parse(newestRow)).toBeGreaterThanOrEqual(firstEnd === undefined ? Number.NaN : timeOf(firstEnd));
    });
    await untilLogRests(world);
    const [probe] = (await control.subscriptions()).filter(({ resource }) => resource === instances);
    await cutOffFrom(world, list, "/subscriptions");
    await control.loseSubscription(probe?.id ?? "");
    past = await lastOf(world);
    await control.remove(second.scheduleId);
    expect(await world.closed(second.userId)).toMatchObject([{ outcome: "revoked" }]);
    const history = await control.history();
    const end = history.find((event) => isEnd(event, second.scheduleId))?.seq ?? past;
    const [byAudit = 0, ...again] = revokesOf(history, second.userId);
    expect(again).toEqual([]);
    // Every row is a notification, and each of them reads the log: the second may have to wait for its turn.
    expect(byAudit - (await firstDelivery(world, audits, end))).toBeLessThan(secondAnswer + 4000);
  });

  it("may be accepted and never fire: it stays unproven, and the end is cut all the same", async () => {
    await using world = await openWorld("deafprobes");
    const { control } = world;
    await control.changeSettings({ notifications: { unsupported: "accept", delayMs: 0 } });
    const host = await startReachableHost(world, await freePort());
    await eventually(async () => expect(await control.subscriptions()).toHaveLength(2));
    const { userId } = await activate(control);
    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
    await world.calmHistory();
    for (const source of ["roleInstanceNotifications", "directoryAuditNotifications"]) {
      expect(await stateOf(host, source)).toMatchObject({ state: "unproven" });
    }
  });
});
