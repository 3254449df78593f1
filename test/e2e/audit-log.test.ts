import { describe, it } from "vitest";
import { feedStream } from "../../local/stack/feed-stream.ts";
import type { TenantClient } from "../../local/tenant/client.ts";
import type { HistoryEvent } from "../../local/tenant/history-events.ts";
import { loadElevations } from "../../shared/enforcement/elevated-access.ts";
import { alarmsOf } from "./support/alarms.ts";
import { readHealth } from "./support/health.ts";
import { isEnd, revokesOf, timeOf } from "./support/history.ts";
import { activate, globalAdministrator, helpdeskAdministrator } from "./support/roles.ts";
import { eventually, openWorld } from "./support/world.ts";

const hour = 3600;
/** What was first seen less than five minutes ago needs a second absence a minute after the first. */
const tooYoung = 6 * 60_000;
/** The read of the whole list, which is the resync. */
const list = "/roleAssignmentScheduleInstances(?!.*filter)";
const auditLog = "/auditLogs/directoryAudits";
const stream = {
  AUDIT_EVENTHUB_NAME: "insights-logs-auditlogs",
  AUDIT_EVENTHUB__fullyQualifiedNamespace: "pimcutoff.servicebus.windows.net",
};

/** From here on the app gets no answer from what `path` matches. */
const cutOffFrom = (control: TenantClient, path: string) =>
  control.addFault({ path, fault: { kind: "status", when: "beforeEffect", statuses: [503] } });

const isReading = (event: HistoryEvent): boolean => event.event === "graphCalled" && event.path.includes(auditLog);

/** When the tenant ended an assignment. */
async function endOf(control: TenantClient, scheduleId: string): Promise<number> {
  const end = (await control.history()).find((event) => isEnd(event, scheduleId));
  if (end === undefined) throw new Error("The assignment has not ended.");
  return timeOf(end);
}

describe.concurrent("the audit log", () => {
  it("cuts ends by the stream alone, though rows come doubled and late", async ({ expect }) => {
    await using world = await openWorld("streamalone");
    const { control, tenant } = world;
    await cutOffFrom(control, list);
    await cutOffFrom(control, auditLog);
    await control.changeSettings({ audit: { doubledShare: 1, lateShare: 0.5, lateByMs: 3000 } });
    const host = await world.startHost(stream);
    const feeder = feedStream(tenant, host);
    const { userId, scheduleId } = await activate(control, { seconds: hour });
    await world.awaitHoldings(userId);
    await control.setClock({ jumpMs: tooYoung });
    await control.remove(scheduleId);

    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
    const accepted = revokesOf(await control.history(), userId);
    expect(accepted).toHaveLength(1);
    expect(accepted[0]).toBeGreaterThanOrEqual(await endOf(control, scheduleId));
    expect((await readHealth(host)).sources).toMatchObject({ directoryAuditStream: { state: "proven" } });
    await feeder.stop();
  });

  it("cuts ends by the catch-up alone, known or not", async ({ expect }) => {
    await using world = await openWorld("catchupalone");
    const { control } = world;
    await cutOffFrom(control, list);
    await control.changeSettings({ audit: { doubledShare: 1, lateShare: 0.5, lateByMs: 5000 } });
    // Of a user who was made in the very second of the end the sessions look cut since.
    const { id: unseen } = await control.createUser({ name: "Somebody" });
    const host = await world.startHost();
    await eventually(async () => expect((await readHealth(host)).sources.directoryAuditCatchUp?.detail).toBeNull());
    await world.seen(isReading);
    const known = await activate(control, { seconds: hour });
    await world.awaitHoldings(known.userId);
    await control.setClock({ jumpMs: tooYoung });
    await control.remove(known.scheduleId);
    const unknown = await activate(control, { userId: unseen, seconds: hour });
    await control.remove(unknown.scheduleId);

    for (const { userId, scheduleId } of [known, unknown]) {
      expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
      const accepted = revokesOf(await control.history(), userId);
      expect(accepted).toHaveLength(1);
      expect(accepted[0]).toBeGreaterThanOrEqual(await endOf(control, scheduleId));
    }
    expect((await readHealth(host)).sources).toMatchObject({ directoryAuditCatchUp: { state: "proven" } });
  });

  it("reports that a Global Administrator who elevated their access before the app came keeps Azure", async ({
    expect,
  }) => {
    await using world = await openWorld("elevated");
    const { control } = world;
    const { userId, scheduleId } = await activate(control, { seconds: hour, roleDefinitionId: globalAdministrator });
    await control.elevateAccess(userId);
    await control.setClock({ jumpMs: tooYoung });
    const host = await world.startHost();
    await world.awaitHoldings(userId);
    const known = async () => (await loadElevations(world.sealed.state)).elevations;
    await eventually(async () => expect((await known()).get(userId)).toMatchObject({ elevated: true }));
    await control.remove(scheduleId);

    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked" }]);
    await eventually(async () => {
      const alarms = (await alarmsOf(host)).filter(({ event }) => event === "elevatedAccessStays");
      expect(alarms).toMatchObject([{ principalId: userId, outcome: "revoked" }]);
    });
  });

  it("loses nothing that began and ended in six hours without the app", async ({ expect }) => {
    await using world = await openWorld("hoursaway");
    const { control } = world;
    const before = await world.startHost();
    await world.seen(isReading);
    const known = await activate(control, { seconds: 8 * hour });
    await world.awaitHoldings(known.userId);
    const { id: groupId } = await control.createGroup({ name: "Admins", isAssignableToRole: true });
    await control.assign({ principalId: groupId, roleDefinitionId: helpdeskAdministrator, durationSeconds: null });
    await world.awaitHoldings(groupId);
    await eventually(async () => expect((await world.stored(groupId)).head.group?.readAt).toBeTypeOf("number"));
    await before.kill();

    const whole = await activate(control, { seconds: hour });
    const inUnit = await activate(control, {
      seconds: hour,
      directoryScopeId: "/administrativeUnits/0e5c2a11-0000-4000-8000-000000000001",
    });
    const member = await control.createUser({ name: "Somebody" });
    await control.startGroupAccess({ groupId, principalId: member.id, durationSeconds: hour });
    await control.setClock({ jumpMs: 3 * hour * 1000 });
    await control.remove(known.scheduleId);
    const again = await activate(control, { userId: whole.userId, seconds: hour });
    await control.setClock({ jumpMs: 3 * hour * 1000 });
    await world.startHost();

    const outcomesOf = async (userId: string, count = 1) =>
      (await world.closed(userId, count)).map(({ outcome }) => outcome);
    expect(await outcomesOf(inUnit.userId)).toEqual(["revoked"]);
    // Two ends, one call: it came after both.
    expect(await outcomesOf(whole.userId, 2)).toContain("revoked");
    expect(await outcomesOf(known.userId)).toContain("revoked");
    expect(await outcomesOf(member.id)).toEqual(["revoked"]);
    const history = await world.calmHistory();
    for (const userId of [inUnit.userId, again.userId, known.userId, member.id]) {
      expect(revokesOf(history, userId)).toHaveLength(1);
    }
  });

  it("signs out whom a rule names, once Graph's own log shows it", async ({ expect }) => {
    await using world = await openWorld("auditrule");
    const { control, tenant } = world;
    const host = await world.startHost({ ...stream, AUDIT_RULES: "admin deleted security info" });
    await world.seen(isReading);
    await control.changeSettings({ audit: { queryableAfterMs: 15_000 } });
    const feeder = feedStream(tenant, host);
    const { id: stripped } = await control.createUser({ name: "Somebody" });
    const { id: other } = await control.createUser({ name: "Somebody else" });
    // A user's sessions are valid from the second of their creation on.
    const { now } = await control.setClock({ jumpMs: 2000 });
    await control.deleteSecurityInfo(stripped);
    await control.changeUser(other, { accountEnabled: false });

    expect(await world.closed(stripped)).toMatchObject([{ outcome: "revoked", verified: true }]);
    const history = await world.calmHistory();
    expect(revokesOf(history, stripped)).toHaveLength(1);
    expect(revokesOf(history, stripped)[0]).toBeGreaterThanOrEqual(Date.parse(now) + 15_000);
    expect(revokesOf(history, other)).toEqual([]);
    await feeder.stop();
  });

  it("is said to be unsupported where Graph does not offer it", async ({ expect }) => {
    await using world = await openWorld("noauditlog");
    await world.control.changeSettings({ audit: { offered: false } });
    const host = await world.startHost();
    await eventually(async () =>
      expect((await readHealth(host)).sources).toEqual({
        directoryAuditCatchUp: expect.objectContaining({ state: "unsupported", detail: "directoryAuditsUnsupported" }),
      }),
    );
    const { userId } = await activate(world.control);
    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
    await eventually(async () => expect((await readHealth(host)).healthy).toBe(true));
  });
});
