import { describe, expect, it } from "vitest";
import { catchUpIfLate, catchUpPast, overlap } from "../../../shared/audit-log/catch-up.ts";
import { createAuditMemory } from "../../../shared/audit-log/take-in.ts";
import { AUDITS_UNSUPPORTED } from "../../../shared/graph/directory-audits.ts";
import { GraphPermanentError, GraphRetryableError } from "../../../shared/graph/errors.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { directoryRoleRow, pimRoleRow, target } from "../../fixtures/audit/audit-rows.ts";
import { createAuditWorld, roleTarget } from "../../fixtures/audit/audit-world.ts";
import { activation, jane, start } from "../../fixtures/fake-world.ts";

const hour = 3600;

const endsReported = ({ recorded }: ReturnType<typeof createAuditWorld>) =>
  recorded.filter(({ name }) => name === "ended").map(({ properties }) => properties);

describe("the first run", () => {
  it("starts where it is: what ended before is nobody's", async () => {
    const world = createAuditWorld();
    world.writeEnd(-300);
    await world.readAt(0);
    expect(world.asked).toEqual([{ since: start - overlap }]);
    expect(world.shown.revoked).toEqual([]);
    expect(await world.record()).toMatchObject({ from: start, readTo: start, busyUntil: null, error: null });
  });

  it("revokes nothing for an end of before whose row comes later", async () => {
    const world = createAuditWorld();
    await world.readAt(0);
    world.writeEnd(-1, 200_000);
    await world.readAt(240);
    expect(world.recordedNames()).not.toContain("ended");
    expect(world.shown.revoked).toEqual([]);
  });
});

describe("notified of a new row", () => {
  it("reads at once, and not again for an earlier notification", async () => {
    const world = createAuditWorld();
    await world.readAt(0);
    world.goTo(start + 10_000);
    expect(await catchUpPast(start + 9000, world.dependencies)).toBeNull();
    expect(await catchUpPast(start + 9500, world.dependencies)).toBeNull();
    expect(world.asked).toHaveLength(2);
  });

  it.each([
    ["asks again when Graph wants it to wait", 2800, 2800],
    ["leaves a refusal to the timer", undefined, null],
  ])("%s", async (_, retryAfter, wait) => {
    const world = createAuditWorld();
    await world.readAt(0);
    world.goTo(start + 10_000);
    world.audits.error =
      retryAfter === undefined
        ? new GraphPermanentError("no", { code: "Forbidden", status: 403 })
        : new GraphRetryableError("wait", { code: "reportPace", reason: "throttled", retryAfter });
    expect(await catchUpPast(start + 9000, world.dependencies)).toBe(wait);
  });
});

describe("an end without a holding", () => {
  it("is cut once, whichever rows report it and however often they are read", async () => {
    const world = createAuditWorld();
    await world.readAt(0);
    world.writeEnd(60);
    for (const seconds of [90, 181, 211, 241, 400]) await world.readAt(seconds);
    expect(world.shown.revoked).toEqual([jane]);
    expect(world.outcomes()).toEqual(["revoked"]);
    expect(endsReported(world)).toMatchObject([{ foundBy: "audit", cutOff: "2026-01-05T09:01:00.000Z" }]);
  });

  it("is cut once when another process reads the same rows again", async () => {
    const world = createAuditWorld();
    await world.readAt(0);
    world.writeEnd(60);
    await world.readAt(190);
    await world.readAt(220, { ...world.dependencies, memory: createAuditMemory(new Set(), 2 * overlap) });
    expect(world.shown.revoked).toEqual([jane]);
    expect(world.outcomes()).toEqual(["revoked"]);
    expect(endsReported(world)).toMatchObject([{ end: "expired" }]);
  });

  it("needs nothing when the sessions began after it", async () => {
    const world = createAuditWorld();
    await world.readAt(0);
    world.writeEnd(60);
    world.shown.user = { id: jane, external: false, restricted: false, sessionsValidFrom: start + 100_000 };
    await world.readAt(190);
    expect(world.shown.revoked).toEqual([]);
    expect(world.outcomes()).toEqual(["alreadySatisfied"]);
  });

  it("is stale when it was read more than 28 hours later", async () => {
    const world = createAuditWorld();
    await world.readAt(0);
    world.writeEnd(60);
    await world.readAt(30 * hour);
    expect(world.outcomes()).toEqual([]);
    await world.readAt(30 * hour + 121);
    expect(world.outcomes()).toEqual(["stale"]);
    expect(world.shown.revoked).toEqual([]);
  });

  it("is cut after hours away, read slice by slice", async () => {
    const world = createAuditWorld();
    await world.readAt(0);
    world.writeEnd(3 * hour);
    await world.readAt(6 * hour);
    const slices = world.asked.slice(1).map(({ since, until }) => [since - start, until && until - start]);
    expect(slices).toEqual([
      [-600_000, 3_000_000],
      [2_400_000, 6_000_000],
      [5_400_000, 9_000_000],
      [8_400_000, 12_000_000],
      [11_400_000, 15_000_000],
      [14_400_000, 18_000_000],
      [17_400_000, 21_000_000],
      [20_400_000, undefined],
    ]);
    expect(world.shown.revoked).toEqual([jane]);
  });
});

describe("the end of a holding", () => {
  it("is one end, not two", async () => {
    const world = createAuditWorld();
    await world.readAt(0);
    world.show(activation({ endDateTime: null }));
    world.writeRow(5, pimRoleRow, {
      activityDisplayName: "Add member to role completed (PIM activation)",
      targetResources: [target("User", jane)],
    });
    await world.readAt(130);
    expect(world.recordedNames()).toContain("holdingBegan");
    world.show();
    world.writeEnd(140);
    await world.readAt(270);
    // It is young: its second absence is read after a minute.
    expect(world.outcomes()).toEqual([]);
    await world.readAt(340);
    expect(world.shown.revoked).toEqual([jane]);
    expect(world.outcomes()).toEqual(["revoked"]);
  });

  it("needs no second pass when it was found before its row came", async () => {
    const world = createAuditWorld();
    await world.readAt(0);
    world.show(activation({ endDateTime: world.isoAt(60) }));
    await reconcile({ principalId: jane, because: "operator", tries: 0 }, world.dependencies);
    world.when(start + 60_000, () => world.show());
    await world.deliver(180);
    expect(world.outcomes()).toEqual(["revoked"]);
    world.writeEnd(60.5);
    let passes = 0;
    const { graph } = world.dependencies;
    const readPrincipal: typeof graph.readPrincipal = async (id) => {
      passes += 1;
      return graph.readPrincipal(id);
    };
    await world.readAt(190, { ...world.dependencies, graph: { ...graph, readPrincipal } });
    expect(passes).toBe(0);
    expect(world.outcomes()).toEqual(["revoked"]);
  });
});

it("an activation that it sees becomes a holding at once", async () => {
  const world = createAuditWorld();
  await world.readAt(0);
  world.show(activation({ endDateTime: world.isoAt(7200) }));
  world.writeRow(60, pimRoleRow, {
    activityDisplayName: "Add member to role completed (PIM activation)",
    targetResources: [target("User", jane)],
  });
  await world.readAt(190);
  expect(world.recordedNames()).toContain("holdingBegan");
});

describe("rules", () => {
  const reset = (id: string, targets: readonly string[]) => ({
    id,
    category: "UserManagement",
    activityDisplayName: "Reset password",
    targetResources: targets.map((user) => target("User", user)),
  });

  it("sign out the one user to whom it was done", async () => {
    const world = createAuditWorld(["Reset password"]);
    await world.readAt(0);
    world.writeRow(60, directoryRoleRow, reset("a", [jane]));
    await world.readAt(190);
    expect(world.shown.revoked).toEqual([jane]);
    expect(endsReported(world)).toMatchObject([{ activity: "Reset password" }]);
  });

  it.each([
    { what: "without a rule", rules: [], targets: [jane] },
    { what: "of another activity", rules: ["Disable account"], targets: [jane] },
    {
      what: "when the row names several users",
      rules: ["Reset password"],
      targets: [jane, "0a1b2c3d-0000-4000-8000-000000000002"],
    },
  ])("nobody $what", async ({ rules, targets }) => {
    const world = createAuditWorld(rules);
    await world.readAt(0);
    world.writeRow(60, directoryRoleRow, reset("a", targets));
    await world.readAt(190);
    expect(world.shown.revoked).toEqual([]);
  });
});

describe("a user who holds a role", () => {
  it("may be a service principal, which nobody can sign out: that is said", async () => {
    const world = createAuditWorld();
    await world.readAt(0);
    world.shown.user = null;
    world.writeRow(60, directoryRoleRow, { targetResources: [roleTarget(jane, undefined, "ServicePrincipal")] });
    await world.readAt(190);
    await world.readAt(260);
    await world.readAt(290);
    expect(world.outcomes()).toEqual(["notEnforceable"]);
  });
});

describe("a reading that fails", () => {
  const retryable = new GraphRetryableError("Try later.", {
    code: "TooManyRequests",
    reason: "throttled",
    retryAfter: 20_000,
  });

  it("is followed by one from where the last one ended, after the wait that Graph wants", async () => {
    const world = createAuditWorld();
    await world.readAt(0);
    world.audits.error = retryable;
    await world.readAt(30);
    expect(await world.record()).toMatchObject({
      error: "TooManyRequests",
      readTo: start,
      notBefore: start + 50_000,
      busyUntil: null,
    });
    world.audits.error = undefined;
    await world.readAt(45);
    expect(world.asked).toHaveLength(2);
    await world.readAt(60);
    expect(world.asked.at(-1)).toEqual({ since: start - overlap });
    expect(await world.record()).toMatchObject({ error: null, readTo: start + 60_000 });
  });

  it("says where the cloud has no such log, and asks again an hour later", async () => {
    const world = createAuditWorld();
    world.audits.error = new GraphPermanentError("Not offered.", { code: AUDITS_UNSUPPORTED, status: 404 });
    await world.readAt(0);
    await world.readAt(1800);
    expect(world.asked).toHaveLength(1);
    expect(world.recordedNames()).toEqual(["auditsUnsupported"]);
    expect((await world.record()).error).toBe(AUDITS_UNSUPPORTED);
    world.audits.error = undefined;
    await world.readAt(3600);
    expect(await world.record()).toMatchObject({ error: null, from: start + 3_600_000 });
  });

  it("raises a refusal", async () => {
    const world = createAuditWorld();
    world.audits.error = new GraphPermanentError("No permission.", {
      code: "Authorization_RequestDenied",
      status: 403,
    });
    await world.readAt(0);
    expect(world.recordedNames()).toEqual(["auditsRefused"]);
  });

  describe("for want of a licence", () => {
    const code = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";
    const unlicensed = new GraphPermanentError("No licence.", { code, status: 403 });

    it("raises nothing the first time, and the next reading comes as always", async () => {
      const world = createAuditWorld();
      await world.readAt(0);
      world.audits.error = unlicensed;
      await world.readAt(30);
      expect(await world.record()).toMatchObject({ error: code, notBefore: null });
      world.audits.error = undefined;
      await world.readAt(60);
      expect(await world.record()).toMatchObject({ error: null, readTo: start + 60_000 });
      expect(world.recordedNames().filter((name) => name.startsWith("audits"))).toEqual([
        "auditsRead",
        "auditsUnread",
        "auditsRead",
      ]);
    });

    it("raises the second in a row, and then pauses for five minutes each time", async () => {
      const world = createAuditWorld();
      world.audits.error = unlicensed;
      for (let seconds = 0; seconds <= 700; seconds += 30) await world.readAt(seconds);
      expect(world.recordedNames()).toEqual(["auditsUnread", "auditsRefused", "auditsRefused", "auditsRefused"]);
      expect(world.asked).toHaveLength(4);
    });
  });
});

it("one instance reads at a time, and a dead one is followed", async () => {
  const world = createAuditWorld();
  const hung = { ...world.dependencies, readAudits: () => Promise.reject(new Error("The host died.")) };
  await expect(world.readAt(0, hung)).rejects.toThrow("The host died.");
  await world.readAt(60);
  expect(world.asked).toEqual([]);
  await world.readAt(151);
  expect(world.asked).toHaveLength(1);
});

it("what storage did not take is read again", async () => {
  const world = createAuditWorld();
  await world.readAt(0);
  world.writeEnd(60);
  const broken = { ...world.dependencies, signals: { send: () => Promise.reject(new Error("Storage is away.")) } };
  await expect(world.readAt(190, broken)).rejects.toThrow("Storage is away.");
  expect((await world.record()).readTo).toBe(start);
  await world.readAt(400);
  expect(world.shown.revoked).toEqual([jane]);
});

it("a broken row is raised once and holds up no other", async () => {
  const world = createAuditWorld();
  await world.readAt(0);
  world.writeRow(50, () => ({ id: "broken", activityDisplayName: 7 }), {});
  world.writeEnd(60);
  await world.readAt(190);
  await world.readAt(220);
  const raised = world.recorded
    .filter(({ name }) => name === "auditRowsUnreadable")
    .map(({ properties }) => properties);
  expect(raised).toEqual([{ source: "catchUp", count: 1, position: "rows[0]", place: "activityDisplayName" }]);
  expect(world.shown.revoked).toEqual([jane]);
});

it("a gap that is older than what Graph keeps is raised, and the later rows are read", async () => {
  const world = createAuditWorld();
  await world.readAt(0);
  await world.readAt(31 * 24 * hour);
  expect(world.recordedNames()).toContain("auditGap");
  expect(world.asked[1]?.since).toBe(start + 31 * 24 * hour * 1000 - 30 * 24 * hour * 1000 + 300_000);
});

it("goes on without its timer: an invocation that finds the last reading a minute and a half old makes the next", async () => {
  const world = createAuditWorld();
  await catchUpIfLate(world.dependencies);
  expect(world.asked).toHaveLength(1);
  world.goTo(start + 90_000);
  await catchUpIfLate(world.dependencies);
  expect(world.asked).toHaveLength(1);
  world.goTo(start + 91_000);
  await catchUpIfLate(world.dependencies);
  expect(world.asked).toHaveLength(2);
});

it("in the mode off nothing is read", async () => {
  const world = createAuditWorld();
  await world.readAt(0, { ...world.dependencies, policy: { ...world.dependencies.policy, mode: "off" } });
  expect(world.asked).toEqual([]);
});
