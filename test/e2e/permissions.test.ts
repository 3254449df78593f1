import { describe, it } from "vitest";
import type { HistoryEvent } from "../../local/tenant/history-events.ts";
import { endpoints, permissions } from "../../shared/graph/permissions.ts";
import { alarmsOf } from "./support/alarms.ts";
import { isRemoved, revokesOf } from "./support/history.ts";
import { freePort, startReachableHost } from "./support/reachable-host.ts";
import { activate, helpdeskAdministrator } from "./support/roles.ts";
import { createRoleGroup } from "./support/watched-group.ts";
import { eventually, openWorld, type World } from "./support/world.ts";

type Name = (typeof permissions)[number]["name"];

interface Row {
  readonly account: Parameters<typeof openWorld>[0];
  /** What the tenant does not grant: one, and its stand-in if it has one. */
  readonly missing: readonly [Name, ...Name[]];
  /** The alarms that name it. None: another of the permissions stands in for it. */
  readonly alarms: readonly string[];
  /** Alarms that may follow from it without a name. */
  readonly follows?: readonly string[];
  /** Permissions of later steps, which are never asked for because this one is missing. */
  readonly unreached: readonly Name[];
}

const revoke = "User.RevokeSessions.All";
const roles = "RoleManagement.Read.Directory";
const schedules = "RoleAssignmentSchedule.Read.Directory";
const users = "User.Read.All";
const members = "GroupMember.Read.All";
const access = "PrivilegedAssignmentSchedule.Read.AzureADGroup";
const groups = "Group.Read.All";
const audits = "AuditLog.Read.All";

const rows: readonly Row[] = [
  { account: "norevoke", missing: [revoke], alarms: ["revokeRefused"], unreached: [] },
  {
    account: "noroles",
    missing: [roles],
    alarms: ["readRefused", "roleNamesRefused"],
    follows: ["settingProblem"],
    unreached: [revoke, access],
  },
  { account: "noschedules", missing: [schedules], alarms: [], unreached: [] },
  {
    account: "nolist",
    missing: [schedules, roles],
    alarms: ["resyncRefused", "roleNamesRefused"],
    follows: ["settingProblem", "readRefused"],
    // Nobody is found whom to look at, but for those of the audit log.
    unreached: [revoke, access, members, groups, users],
  },
  { account: "nousers", missing: [users], alarms: ["readRefused"], unreached: [revoke, access] },
  { account: "nomembers", missing: [members], alarms: [], unreached: [] },
  {
    account: "nogroupsread",
    missing: [members, groups],
    alarms: ["groupSearchFailed", "readRefused"],
    follows: ["subscriptionRefused"],
    // Where a group holds a role, nobody can tell without its members whether a user still holds one through it.
    unreached: [revoke, access],
  },
  { account: "noaccess", missing: [access], alarms: ["groupAccessRefused"], unreached: [] },
  { account: "nosubscriptions", missing: [groups], alarms: ["subscriptionRefused"], unreached: [] },
  { account: "noaudits", missing: [audits], alarms: ["auditsRefused"], unreached: [] },
];

/** Which endpoint of our table a call of the tenant's history is. */
function endpointOf(event: HistoryEvent): { readonly permission: string | null; readonly status: number } | null {
  if (event.event !== "graphCalled") return null;
  const path = event.path
    .replace(/^\/v1\.0\//, "")
    .replace(/\?.*$/, "")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, "{id}");
  const found = Object.values(endpoints).find(({ name }) => name === `${event.method} ${path}`);
  if (found === undefined) throw new Error(`The app called ${event.method} ${path}, which is not in its table.`);
  return { permission: found.permission?.name ?? null, status: event.status };
}

/** The permissions that calls were refused, and those with which calls were answered. */
function judged(history: readonly HistoryEvent[]) {
  const calls = history.flatMap((event) => endpointOf(event) ?? []);
  const of = (wanted: (status: number) => boolean) =>
    new Set(calls.flatMap(({ permission, status }) => (permission !== null && wanted(status) ? [permission] : [])));
  return { refused: of((status) => status === 403), answered: of((status) => status < 300) };
}

/** A world in which every permission is needed: a role that ends, a group with a role whose members are watched. */
async function play(world: World, granted: readonly Name[]) {
  const { control } = world;
  await control.changeSettings({ permissions: [...granted], permissionsApplyAtOnce: true });
  await createRoleGroup(world, 1);
  const { userId, scheduleId } = await activate(control, { seconds: 25, roleDefinitionId: helpdeskAdministrator });
  const host = await startReachableHost(world, await freePort(), {
    ENFORCED_ROLES: "User Administrator, Helpdesk Administrator",
  });
  return { host, userId, scheduleId };
}

describe.concurrent("without an application permission", () => {
  const titled = rows.map((row) => [row.missing.join(" and "), row] as const);
  it.for(titled)("%s: exactly that fails, and an alarm names it", async ([, row], { expect }) => {
    const { account, missing, alarms, follows = [], unreached } = row;
    await using world = await openWorld(account);
    const all = permissions.map(({ name }) => name);
    const { host, userId, scheduleId } = await play(
      world,
      all.filter((name) => !missing.includes(name)),
    );
    await world.seen((event) => isRemoved(event, scheduleId, "directory", "last"));

    for (const event of alarms) {
      const raised = await eventually(async () => {
        const found = (await alarmsOf(host)).filter((alarm) => alarm.event === event);
        expect(found).not.toEqual([]);
        return found;
      });
      for (const { message, needed } of raised) expect(missing).toContain(namedIn(String(message ?? needed)));
    }
    const goesOn = all.filter((name) => !missing.includes(name) && !unreached.includes(name));
    await eventually(async () =>
      expect([...judged(await world.control.history()).answered]).toEqual(expect.arrayContaining(goesOn)),
    );
    const mayCut = unreached.includes(revoke) || missing.includes(revoke) ? 0 : 1;
    if (mayCut === 1) await world.closed(userId);
    const history = await world.calmHistory();
    expect(revokesOf(history, userId)).toHaveLength(mayCut);
    expect([...judged(history).refused].filter((name) => !missing.some((one) => one === name))).toEqual([]);
    expect(judged(history).refused.size > 0).toBe(alarms.length > 0);
    const others = (await alarmsOf(host)).filter(({ event }) => ![...alarms, ...follows].includes(event));
    expect(others.filter(({ status }) => status === 403)).toEqual([]);
  });

  it("the table leaves out none", ({ expect }) => {
    const shown = new Set(rows.flatMap(({ missing, alarms }) => (alarms.length > 0 ? missing.slice(0, 1) : [])));
    expect(shown).toEqual(new Set(permissions.map(({ name }) => name)));
    for (const {
      missing: [first, ...standIns],
    } of rows.filter(({ alarms }) => alarms.length > 0)) {
      const { standIn } = permissions.find(({ name }) => name === first) ?? {};
      expect(standIns).toEqual(standIn === undefined ? [] : [standIn]);
    }
  });
});

/** The permission that a sentence of the app's names. */
const namedIn = (text: string): string => permissions.find(({ name }) => text.includes(name))?.name ?? text;
