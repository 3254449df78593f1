import { describe, it } from "vitest";
import { freePort } from "../../local/stack/free-port.ts";
import type { HistoryEvent } from "../../local/tenant/history-events.ts";
import { endpoints, type Features, neededPermissions, permissions } from "../../shared/graph/permissions.ts";
import { alarmsOf } from "./support/alarms.ts";
import { isRemoved, revokesOf } from "./support/history.ts";
import { startReachableHost } from "./support/reachable-host.ts";
import { activate, helpdeskAdministrator } from "./support/roles.ts";
import { createRoleGroup } from "./support/watched-group.ts";
import { eventually, openWorld, type World } from "./support/world.ts";

type Name = (typeof permissions)[number]["name"];

/** What follows when a permission is missing that is needed. */
interface Loss {
  readonly key: "revoke" | "roles" | "users" | "members" | "access" | "audits";
  /** The alarms that name it. */
  readonly alarms: readonly string[];
  /** Those of them that only an app with watched groups raises. */
  readonly ofGroups?: readonly string[];
  /** Alarms that may follow from it without a name. */
  readonly follows?: readonly string[];
  /** Permissions of later steps, which are never asked for because this one is missing. */
  readonly unreached: readonly Name[];
  /** More of them, where no group is watched, so that groups are read for an end alone. */
  readonly unreachedWithoutGroups?: readonly Name[];
}

const revoke = "User.RevokeSessions.All";
const roles = "RoleManagement.Read.Directory";
const users = "User.Read.All";
const members = "GroupMember.Read.All";
const access = "PrivilegedAssignmentSchedule.Read.AzureADGroup";
const groups = "Group.Read.All";
const audits = "AuditLog.Read.All";

/** Where a group holds a role, nobody knows without its members whether a user still holds one through it. */
const unreadMembers: Loss = {
  key: "members",
  alarms: ["readRefused"],
  ofGroups: ["groupSearchFailed"],
  follows: ["subscriptionRefused"],
  unreached: [revoke, access],
};

const losses: Readonly<Record<Name, Loss>> = {
  [revoke]: { key: "revoke", alarms: ["revokeRefused"], unreached: [] },
  [roles]: {
    key: "roles",
    alarms: ["resyncRefused", "roleNamesRefused"],
    follows: ["settingProblem", "readRefused"],
    // Nobody is found to reconcile, but for those of the audit log.
    unreached: [revoke, access, members, groups, users],
  },
  [users]: { key: "users", alarms: ["readRefused"], unreached: [revoke, access], unreachedWithoutGroups: [members] },
  [members]: unreadMembers,
  [groups]: unreadMembers,
  [access]: { key: "access", alarms: ["groupAccessRefused"], unreached: [] },
  [audits]: { key: "audits", alarms: ["auditsRefused"], unreached: [] },
};

const everything: Features = { revoking: true, groups: true, subscriptions: true };
/** With everything switched on, each permission is taken away; with less, only those whose loss then has consequences of its own. */
const sets = [
  {
    key: "notified",
    title: "enforce, notified by Graph",
    features: everything,
    settings: {},
    taken: [revoke, roles, users, groups, access, audits],
  },
  {
    key: "unmailed",
    title: "enforce, without subscriptions",
    features: { ...everything, subscriptions: false },
    settings: { GRAPH_SUBSCRIPTIONS: "off" },
    taken: [members],
  },
  {
    key: "ungrouped",
    title: "enforce, no group watched",
    features: { ...everything, groups: false },
    settings: { WATCHED_GROUPS: "none" },
    taken: [users, members],
  },
  {
    key: "reporting",
    title: "report-only",
    features: { ...everything, revoking: false },
    settings: { CUTOFF_MODE: "reportOnly" },
    taken: [audits],
  },
] as const;

/** Which permission of those needed a call of the tenant's history takes; null for none. */
function takenBy(event: HistoryEvent, features: Features) {
  if (event.event !== "graphCalled") return null;
  const path = event.path
    .replace(/^\/v1\.0\//, "")
    .replace(/\?.*$/, "")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, "{id}");
  const called = `${event.method} ${path}`;
  const found = Object.values(endpoints).find(({ name }) => name === called);
  if (found === undefined) throw new Error(`The app called ${called}, which is not in its table.`);
  const needed = neededPermissions(features);
  const permission = found.permissions.find((one) => needed.includes(one))?.name ?? null;
  // Without groups it still asks for the two probes, which are no groups.
  const isOfNone = found.permissions.length === 0 || (!features.groups && path.startsWith("subscriptions"));
  if (permission === null && !isOfNone) throw new Error(`The app called ${called}, which these features do not need.`);
  return permission === null ? null : { permission, status: event.status };
}

/** The permissions that calls were refused, and those with which calls were answered. */
function judged(history: readonly HistoryEvent[], features: Features) {
  const calls = history.flatMap((event) => takenBy(event, features) ?? []);
  const of = (wanted: (status: number) => boolean) =>
    new Set(calls.flatMap(({ permission, status }) => (wanted(status) ? [permission] : [])));
  return { refused: of((status) => status === 403), answered: of((status) => status < 300) };
}

/** A world in which every permission is needed: a role that ends, a group with a role whose members are watched. */
async function play(world: World, granted: readonly Name[], settings: Readonly<Record<string, string>>) {
  const { control } = world;
  await control.changeSettings({ permissions: [...granted], permissionsApplyAtOnce: true });
  await createRoleGroup(world, 1);
  const host = await startReachableHost(world, await freePort(), {
    ENFORCED_ROLES: "User Administrator, Helpdesk Administrator",
    ...settings,
  });
  // Once the host is up, however long a busy machine took for that: without the audit log nobody reports what it has not seen.
  const { userId, scheduleId } = await activate(control, { seconds: 20, roleDefinitionId: helpdeskAdministrator });
  return { host, userId, scheduleId };
}

describe.concurrent.each(sets)("$title: without a permission that is needed", ({ key, features, settings, taken }) => {
  const needed = neededPermissions(features).map(({ name }) => name);

  it.for(taken)("%s: exactly that fails, and an alarm names it", async (missing, { expect }) => {
    expect(needed).toContain(missing);
    const loss = losses[missing];
    if (loss === undefined) throw new Error(`Say what follows when ${missing} is missing.`);
    const { alarms: always, ofGroups = [], follows = [] } = loss;
    const unreached = [...loss.unreached, ...(features.groups ? [] : (loss.unreachedWithoutGroups ?? []))];
    const alarms = [...always, ...(features.groups ? ofGroups : [])];
    await using world = await openWorld(`${key}${loss.key}`);
    const granted = needed.filter((name) => name !== missing);
    const { host, userId, scheduleId } = await play(world, granted, settings);
    await world.seen((event) => isRemoved(event, scheduleId, "directory", "last"));

    for (const event of alarms) {
      const raised = await eventually(async () => {
        const found = (await alarmsOf(host)).filter((alarm) => alarm.event === event);
        expect(found).not.toEqual([]);
        return found;
      });
      for (const { message, needed } of raised) expect(namedIn(String(message ?? needed))).toBe(missing);
    }
    const goesOn = granted.filter((name) => !unreached.includes(name));
    await eventually(async () =>
      expect([...judged(await world.control.history(), features).answered]).toEqual(expect.arrayContaining(goesOn)),
    );
    const isDecided = missing !== revoke && !unreached.includes(revoke);
    if (isDecided) await world.closed(userId);
    const history = await world.calmHistory();
    expect(revokesOf(history, userId)).toHaveLength(isDecided && features.revoking ? 1 : 0);
    expect([...judged(history, features).refused]).toEqual([missing]);
    const others = (await alarmsOf(host)).filter(({ event }) => ![...alarms, ...follows].includes(event));
    expect(others.filter(({ status }) => status === 403)).toEqual([]);
  });
});

it.concurrent("a permission that reads members, but does not let an app subscribe: only the subscriptions fail, by name", async ({
  expect,
}) => {
  await using world = await openWorld("notifiedswapped");
  const needed = neededPermissions(everything).map(({ name }) => name);
  const granted = needed.map((name) => (name === groups ? members : name));
  const { host, userId } = await play(world, granted, {});
  const refusals = await eventually(async () => {
    const found = (await alarmsOf(host)).filter(({ event }) => event === "subscriptionRefused");
    expect(found).not.toEqual([]);
    return found;
  });
  for (const { needed } of refusals) expect(needed).toBe(groups);
  await world.closed(userId);
  expect(revokesOf(await world.calmHistory(), userId)).toHaveLength(1);
  const others = (await alarmsOf(host)).filter(({ event }) => event !== "subscriptionRefused");
  expect(others.filter(({ status }) => status === 403)).toEqual([]);
});

/** The permission that a sentence of the app's names. */
const namedIn = (text: string): string =>
  permissions.toSorted((a, b) => b.name.length - a.name.length).find(({ name }) => text.includes(name))?.name ?? text;
