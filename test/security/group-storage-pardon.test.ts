import { describe, expect, test } from "vitest";
import { catchUp } from "../../shared/audit-log/catch-up.ts";
import { judgeAgain } from "../../shared/audit-log/read-again.ts";
import { createAuditMemory } from "../../shared/audit-log/take-in.ts";
import type { AuditRow } from "../../shared/graph/directory-audits.ts";
import { GraphRetryableError } from "../../shared/graph/errors.ts";
import { emptyHead } from "../../shared/model/principal.ts";
import { resync } from "../../shared/reconcile/resync.ts";
import { directoryGroupRow, directoryRoleRow, target } from "../fixtures/audit/audit-rows.ts";
import { roleTarget } from "../fixtures/audit/audit-world.ts";
import { userAdministrator } from "../fixtures/fake-world.ts";
import { admins, groupAccess, groupRole, member, others } from "../fixtures/group-world.ts";
import { at, isoAt } from "../fixtures/principal-builders.ts";
import { createSealedGroupWorld } from "../fixtures/sealed-world.ts";

describe("a privilege that was held through a group", () => {
  const two = [member(1), member(2)];

  /** A group with two members. Resync every ten seconds, and an audit log that never has a row. */
  function createGroupAttack() {
    const { world, attacker } = createSealedGroupWorld();
    const { clock } = world;
    const dependencies = {
      ...world.dependencies,
      resyncEvery: 10_000,
      memory: createAuditMemory(new Set(), 0),
      readAudits: async () => {
        const value = clock.now() < at(90) ? [] : audits;
        return { value, date: clock.now(), at: clock.monotonic() };
      },
    };
    let audits: readonly AuditRow[] = [];
    world.shown.members.set(admins, two);
    let now = 0;
    return {
      world,
      remove: attacker.remove,
      rowsOf: attacker.rowsOf,
      writeAudits: (...rows: readonly AuditRow[]) => {
        audits = rows;
      },
      stop: () => dependencies.control.stop(),
      resume: async () => (await dependencies.control.prepareLift())(),
      async until(seconds: number) {
        for (; now < seconds; now += 10) {
          world.goTo(Math.max(at(now), clock.now()));
          await resync(dependencies);
          await catchUp(dependencies);
          await judgeAgain(dependencies);
          await world.deliver(now + 10);
        }
      },
      cut: () => world.revoked.map(({ userId }) => userId).toSorted(),
      vanished: () => world.recordedOf("rowsVanished").map(({ principalId }) => principalId),
    };
  }

  /** What ends at 61 seconds, and whom it concerns. */
  const ends = [
    {
      what: "the group's role",
      roles: [groupRole()],
      access: [],
      end: ({ shown }: ReturnType<typeof createGroupAttack>["world"]) => Object.assign(shown, { roles: [] }),
      audit: directoryRoleRow({
        id: "role",
        activityDateTime: isoAt(61),
        targetResources: [roleTarget(admins, userAdministrator, "Group")],
      }),
      lose: two,
    },
    {
      what: "the membership",
      roles: [groupRole({ endDateTime: null })],
      access: [groupAccess(member(1))],
      end: ({ shown }: ReturnType<typeof createGroupAttack>["world"]) => {
        shown.members.set(admins, [member(2)]);
        shown.access = [];
      },
      audit: directoryGroupRow({
        id: "left",
        activityDateTime: isoAt(61),
        targetResources: [target("Group", admins), target("User", member(1))],
      }),
      lose: [member(1)],
    },
  ];

  test.each(ends)("is lost with $what, and deleting its pending revocation pardons nobody", async (row) => {
    const { world, remove, stop, resume, until, cut, vanished } = createGroupAttack();
    await stop();
    Object.assign(world.shown, { roles: row.roles, access: row.access });
    world.from(61.4, () => row.end(world));
    await until(1000);
    await remove(member(1), "revocation|");
    await resume();
    await until(1300);
    expect(vanished()).toEqual([member(1)]);
    expect(cut()).toEqual(row.lose);
    await until(5000);
    expect(cut()).toEqual(row.lose);
    expect(world.outcomes().toSorted()).toEqual(row.lose.map((id) => [id, "revoked"]));
  });

  test.each(ends)("is lost with $what, and deleting everything of a member pardons nobody", async (row) => {
    const { world, remove, stop, resume, until, cut } = createGroupAttack();
    await stop();
    Object.assign(world.shown, { roles: row.roles, access: row.access });
    world.from(61.4, () => row.end(world));
    await until(1000);
    await remove(member(1));
    await resume();
    await until(1300);
    expect(cut()).toEqual(row.lose);
  });

  test.each(ends)(
    "is lost with $what, and deleting the group's rows as well leaves it to the audit log",
    async (row) => {
      const { world, remove, stop, resume, until, cut, vanished, writeAudits } = createGroupAttack();
      await stop();
      Object.assign(world.shown, { roles: row.roles, access: row.access });
      world.from(61.4, () => row.end(world));
      writeAudits(row.audit);
      await until(1000);
      await remove(member(1));
      await remove(admins);
      await resume();
      await until(2000);
      expect(vanished().toSorted()).toEqual([member(1), admins].toSorted());
      expect(cut()).toEqual(row.lose);
    },
  );

  test("is lost with the group's role, and deleting the group's record of whose loss it still has to fan out pardons nobody", async () => {
    const { world, remove, rowsOf, until, cut, vanished } = createGroupAttack();
    world.from(61.4, () => {
      world.shown.roles = [];
      // The fan-out waits for the members.
      world.shown.membersError = new GraphRetryableError("503", { code: "busy", status: 503, reason: "unavailable" });
    });
    await until(100);
    expect((await rowsOf(admins)).filter(({ row }) => row.startsWith("fanout|"))).toHaveLength(1);
    await remove(admins, "fanout|");
    world.shown.membersError = undefined;
    await until(400);
    expect(vanished()).toEqual([admins]);
    expect(cut()).toEqual(two);
  });

  test.each(ends)("is lost with $what, and is cut once, though the record of its outcome is deleted", async (row) => {
    const { world, remove, until, cut, vanished } = createGroupAttack();
    Object.assign(world.shown, { roles: row.roles, access: row.access });
    world.from(61.4, () => row.end(world));
    await until(300);
    expect(cut()).toEqual(row.lose);
    await remove(member(1), "revocation|");
    await world.pass(member(1));
    await until(1500);
    expect(vanished()).toEqual([member(1)]);
    expect(cut()).toEqual(row.lose);
    const ofMember = world.outcomes().filter(([id]) => id === member(1));
    expect(ofMember).toEqual([1, 2].map(() => [member(1), "revoked"]));
  });

  test("is cut although the rows of another group cannot be read", async () => {
    const { world, remove, stop, resume, until, cut } = createGroupAttack();
    const { principals } = world.dependencies;
    const other = {
      schema: 1,
      ...emptyHead,
      kind: "group",
      group: { assignableToRole: true, readAt: null, notBefore: null },
    };
    await principals.commit(others, [
      { type: "insert", row: "head", content: other },
      { type: "insert", row: "newer|row", content: { schema: 2 } },
    ]);
    await stop();
    world.from(61.4, () => {
      world.shown.roles = [];
    });
    await until(1000);
    await remove(member(1), "revocation|");
    await resume();
    await until(1300);
    expect(cut()).toEqual(two);
    expect(world.recordedOf("rowUnreadable").map(({ principalId }) => principalId)).toContain(others);
  });

  test("goes on, and deleting a member's rows cuts nobody", async () => {
    const { world, remove, until, cut } = createGroupAttack();
    world.shown.roles = [groupRole({ endDateTime: null })];
    await until(100);
    await remove(member(1));
    await remove(admins, "holding|");
    await until(800);
    expect(cut()).toEqual([]);
  });
});
