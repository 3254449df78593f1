import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../shared/model/pending-revocation.ts";
import type { PrincipalState } from "../../../shared/model/principal.ts";
import { deliverNotice } from "../../../shared/notify/deliver.ts";
import { noticeMessage } from "../../../shared/notify/notice.ts";
import type { PersonDependencies } from "../../../shared/notify/send.ts";
import { enforceAllResolved, jane, start } from "../../fixtures/fake-world.ts";
import { admins, afterAnEnd, aGroup, aMember, createPersonWorld, taken } from "../../fixtures/person-world.ts";
import { absentSince, aHolding, aSource, aState, at, isoAt } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const spared = {
  ...enforceAllResolved.scope,
  excluded: [{ ids: new Set([jane]), joined: new Map(), doubtful: new Set<string>(), complete: true }],
};
const unknown = {
  ...enforceAllResolved.scope,
  excluded: [{ ids: new Set<string>(), joined: new Map(), doubtful: new Set<string>(), complete: false }],
};

describe("after the end", () => {
  test.each<Outcome>([
    "alreadySatisfied",
    "stillHeld",
    "excluded",
    "outOfScope",
    "reportOnly",
    "notEnforceable",
    "principalGone",
    "stale",
    "failed",
  ])("no mail goes to a person whose outcome is %s", async (outcome) => {
    expect((await afterAnEnd(outcome)).mails).toEqual([]);
  });

  test.each([
    ["is spared meanwhile", spared],
    ["may be spared", unknown],
  ])("no mail goes to a person who %s", async (_, scope) => {
    const readPolicy = async () => ({ ...enforceAllResolved, scope });
    expect((await afterAnEnd("revoked", [taken], { readPolicy })).mails).toEqual([]);
  });
});

describe("before an announced end", () => {
  const end = at(3600);
  const held = aHolding({ sources: [aSource({ end: isoAt(3600), listedEnd: isoAt(3600) })] });
  const lead = 10 * 60_000;

  async function beforeTheEnd(
    over: Partial<PersonDependencies> = {},
    state = aState({ holdings: [held] }),
    lateBy = 0,
  ) {
    const world = createPersonWorld([taken], over);
    await storePrincipal(world.principals, state);
    const notice = noticeMessage({ person: "before", principalId: jane, key: held.key, endsAt: end, tries: 0 });
    await world.notices.send(notice, end - lead - start + lateBy);
    await world.play();
    return world;
  }

  test("the person gets a mail that says how long the role lasts", async () => {
    const { mails } = await beforeTheEnd();
    expect(mails).toHaveLength(1);
    expect(mails[0]?.subject).toBe("Your privilege ends in 10 minutes");
    expect(mails[0]?.text).toContain('"User Administrator" ends in 10 minutes, at 2026-01-05 10:00:00 UTC');
    expect(mails[0]?.at).toBe(end - lead);
  });

  test("a message that came late says what is left, and nothing in the last minute", async () => {
    expect((await beforeTheEnd({}, undefined, 7 * 60_000)).mails[0]?.subject).toBe("Your privilege ends in 3 minutes");
    expect((await beforeTheEnd({}, undefined, lead - 30_000)).mails).toEqual([]);
  });

  const moved = aHolding({ sources: [aSource({ end: isoAt(7200), listedEnd: isoAt(7200) })] });
  test.each([
    ["whose end has moved", aState({ holdings: [moved] })],
    ["whose privilege is gone", aState({})],
    ["whose privilege is being denied", aState({ holdings: [{ ...held, absence: absentSince(at(3000)) }] })],
    ["who is no user of this tenant", aState({ head: { kind: "externalUser" }, holdings: [held] })],
  ])("no mail goes to a holder %s", async (_, state) => {
    expect((await beforeTheEnd({}, state)).mails).toEqual([]);
  });

  test.each([
    ["is spared", { ...enforceAllResolved, scope: spared }, false],
    ["is not enforced yet", { ...enforceAllResolved, mode: "reportOnly" as const }, false],
    [
      "has a role that is not enforced",
      { ...enforceAllResolved, enforcedRoles: { ids: new Set<string>(), complete: true, problems: [] } },
      false,
    ],
    ["is not cut during a stop", enforceAllResolved, true],
  ])("no mail goes to a person who %s", async (_, policy, stopped) => {
    const over = { readPolicy: async () => policy, isStopped: async () => stopped };
    expect((await beforeTheEnd(over)).mails).toEqual([]);
  });

  const membership = "member";
  const roleKey = held.key;
  const permanentRole = aHolding({ sources: [aSource({ end: null, listedEnd: null })] });
  /** What the notice of a group says, and of whom. */
  async function throughTheGroup(
    key: string,
    group: PrincipalState,
    person: PrincipalState | null = aState({}),
    over: Partial<PersonDependencies> = {},
  ) {
    const world = createPersonWorld([taken], over);
    if (person !== null) await storePrincipal(world.principals, person);
    await storePrincipal(world.principals, group);
    const isRole = key === roleKey;
    const about = isRole ? { principalId: admins } : { principalId: jane, groupId: admins };
    const notice = noticeMessage({ person: "before", ...about, key, endsAt: end, tries: 0 });
    await world.notices.send(notice, end - lead - start);
    await world.play();
    return world;
  }
  const subjectOf = ({ mails }: { readonly mails: readonly { readonly text: string }[] }) =>
    mails.map(({ text }) => /^Your privilege "(.*?)" ends in 10 minutes/.exec(text)?.[1]);

  test.each<[string, string, PrincipalState, string]>([
    ["the group's role ends", roleKey, aGroup({ holdings: [held], members: [aMember()] }), "User Administrator"],
    [
      "the membership ends that gives a role",
      membership,
      aGroup({ holdings: [permanentRole], members: [aMember()] }),
      "User Administrator",
    ],
    [
      "the membership ends of a group without a role",
      membership,
      aGroup({ members: [aMember()] }),
      "membership of the group Breakglass",
    ],
    [
      "the ownership ends, whatever role the group holds",
      "owner",
      aGroup({ holdings: [held], members: [aMember({ access: "owner" })] }),
      "ownership of the group Breakglass",
    ],
  ])("the person gets a mail when %s", async (_, key, group, privilege) => {
    const world = await throughTheGroup(key, group);
    expect(subjectOf(world)).toEqual([privilege]);
    expect(world.mails[0]?.at).toBe(end - lead);
  });

  test("a group's name is left out where names are not shown", async () => {
    const world = createPersonWorld([taken]);
    await storePrincipal(world.principals, aGroup({ members: [aMember()] }));
    const about = { principalId: jane, groupId: admins, key: membership };
    const notice = noticeMessage({ person: "before", ...about, endsAt: end, tries: 0 });
    await world.notices.send(notice, end - lead - start);
    world.goTo(end - lead);
    for (const { content } of world.notices.receive(1, 60_000)) {
      await deliverNotice(content, { ...world.dependencies, showNames: false });
    }
    expect(subjectOf(world)).toEqual([`membership of the group ${admins}`]);
  });

  test("many roles of one membership are one mail", async () => {
    const roles = ["a", "b", "c", "d"].map((key) =>
      aHolding({ ...permanentRole, key, directoryScopeId: `/units/${key}` }),
    );
    const world = await throughTheGroup(membership, aGroup({ holdings: roles, members: [aMember()] }));
    expect(world.mails).toHaveLength(1);
    expect(subjectOf(world)[0]).toMatch(/User Administrator in .*, User Administrator in .* and 1 more$/);
  });

  const longer = aHolding({ key: "own", sources: [aSource({ end: isoAt(7200), listedEnd: isoAt(7200) })] });
  test.each<[string, string, PrincipalState, PrincipalState]>([
    [
      "who only owns the group whose role ends",
      roleKey,
      aGroup({ holdings: [held], members: [aMember({ access: "owner" })] }),
      aState({}),
    ],
    [
      "who has left it",
      roleKey,
      aGroup({ holdings: [held], members: [aMember({ left: { at: at(9), shownSince: null } })] }),
      aState({}),
    ],
    [
      "who is being missed in it",
      roleKey,
      aGroup({ holdings: [held], members: [aMember({ absence: absentSince(at(9)) })] }),
      aState({}),
    ],
    ["when the role's end has moved", roleKey, aGroup({ holdings: [moved], members: [aMember()] }), aState({})],
    [
      "when the membership's end has moved",
      membership,
      aGroup({ members: [aMember({ end: isoAt(7200) })] }),
      aState({}),
    ],
    [
      "who holds the role longer in another way",
      roleKey,
      aGroup({ holdings: [held], members: [aMember()] }),
      aState({ holdings: [longer] }),
    ],
    [
      "who is a guest",
      roleKey,
      aGroup({ holdings: [held], members: [aMember()] }),
      aState({ head: { kind: "externalUser" } }),
    ],
  ])("no mail goes to a member %s", async (_, key, group, person) => {
    expect((await throughTheGroup(key, group, person)).mails).toEqual([]);
  });

  test.each([
    ["a user of this tenant", { external: false }, 1],
    ["a guest", { external: true }, 0],
    ["no user", null, 0],
  ])("of a member who was never read Graph says that it is %s: mails %o", async (_, user, count) => {
    const group = aGroup({ holdings: [held], members: [aMember()] });
    const { mails } = await throughTheGroup(roleKey, group, null, { readUser: async () => user });
    expect(mails).toHaveLength(count);
  });

  test("a member whose role the group alone still shows gets one mail, by the group's notice", async () => {
    const path = { groupId: admins, startDateTime: null, endDateTime: isoAt(3600), roleAssignmentScheduleId: "x" };
    const seen = aHolding({ key: "via", sources: [], group: path });
    const world = createPersonWorld([taken]);
    await storePrincipal(world.principals, aState({ holdings: [seen] }));
    await storePrincipal(world.principals, aGroup({ holdings: [held], members: [aMember()] }));
    for (const about of [
      { principalId: jane, key: "via" },
      { principalId: admins, key: roleKey },
    ])
      await world.notices.send(
        noticeMessage({ person: "before", ...about, endsAt: end, tries: 0 }),
        end - lead - start,
      );
    await world.play();
    expect(world.mails).toHaveLength(1);
    const alone = await beforeTheEnd({}, aState({ holdings: [{ ...seen, key: held.key }] }));
    expect(alone.mails).toHaveLength(1);
  });

  test("no mail about a group's role goes to a member who meanwhile owns the group instead", async () => {
    const world = createPersonWorld([taken]);
    await storePrincipal(world.principals, aState({}));
    await storePrincipal(world.principals, aGroup({ holdings: [held], members: [aMember({ access: "owner" })] }));
    const about = { principalId: jane, groupId: admins, key: roleKey };
    const notice = noticeMessage({ person: "before", ...about, endsAt: end, tries: 0 });
    await world.notices.send(notice, end - lead - start);
    await world.play();
    expect(world.mails).toEqual([]);
  });

  test("an end that was moved after the mail is announced again, and one group's end like another's", async () => {
    const world = createPersonWorld([taken]);
    const elsewhere = "9d0c1b2a-0000-4000-8000-00000000000a";
    const notifyAt = async (endsAt: number, groupId: string) => {
      const about = { principalId: jane, key: membership, groupId };
      await world.notices.send(noticeMessage({ person: "before", ...about, endsAt, tries: 0 }), endsAt - lead - start);
    };
    for (const principalId of [admins, elsewhere])
      await storePrincipal(world.principals, { ...aGroup({ members: [aMember()] }), principalId });
    await storePrincipal(world.principals, aState({}));
    await notifyAt(end, admins);
    await notifyAt(end, elsewhere);
    await world.play();
    expect(world.mails).toHaveLength(2);
    await storePrincipal(world.principals, aGroup({ members: [aMember({ end: isoAt(7200) })] }));
    await world.notices.send(
      noticeMessage({
        person: "before",
        principalId: jane,
        key: membership,
        groupId: admins,
        endsAt: at(7200),
        tries: 0,
      }),
      at(7200) - lead - world.clock.now(),
    );
    await world.play();
    expect(world.mails).toHaveLength(3);
    expect(new Set(world.mails.map(({ operationId }) => operationId)).size).toBe(3);
  });

  test("every member of a large group gets one mail, however often the message comes", async () => {
    const ids = Array.from({ length: 250 }, (_, n) => `0a1b2c3d-0000-4000-8000-${String(n).padStart(12, "0")}`);
    const members = ids.map((principalId) => aMember({ principalId }));
    const world = createPersonWorld([taken]);
    await storePrincipal(world.principals, aGroup({ holdings: [held], members }));
    const notice = noticeMessage({ person: "before", principalId: admins, key: roleKey, endsAt: end, tries: 0 });
    for (const _ of [1, 2]) await world.notices.send(notice, end - lead - start);
    world.goTo(end - lead);
    for (const { content } of world.notices.receive(1, 60_000)) await deliverNotice(content, world.dependencies);
    expect(world.notices.peekAll().length).toBeLessThanOrEqual(203);
    await world.play();
    expect(world.mails).toHaveLength(250);
  });
});
