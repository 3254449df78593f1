import { describe, expect, test } from "vitest";
import { GraphPermanentError } from "../../../shared/graph/errors.ts";
import { chunkSize, type Member, memberKey } from "../../../shared/model/group.ts";
import type { Holding } from "../../../shared/model/holding.ts";
import type { Closed, Outcome } from "../../../shared/model/pending-revocation.ts";
import type { PrincipalState } from "../../../shared/model/principal.ts";
import { deliverNotice } from "../../../shared/notify/deliver.ts";
import type { MailResult } from "../../../shared/notify/mail.ts";
import { announceEnds, noticeMessage } from "../../../shared/notify/notice.ts";
import { purgeMailedPeople } from "../../../shared/notify/person.ts";
import type { PersonDependencies } from "../../../shared/notify/send.ts";
import { enforceAllResolved, jane, start } from "../../fixtures/fake-world.ts";
import { createMemoryQueue } from "../../fixtures/memory-storage.ts";
import { createPersonWorld } from "../../fixtures/person-world.ts";
import {
  absentSince,
  aHolding,
  aRevocation,
  aSource,
  aState,
  at,
  isoAt,
  janesKey,
} from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const closedAs = (outcome: Outcome): Closed => ({
  state: "closed",
  outcome,
  closedAt: at(64),
  acceptedAt: at(62),
  verified: true,
  detail: null,
});
const taken: MailResult = { kind: "taken" };
const later: MailResult = { kind: "later", code: "HTTP_429", status: 429, retryAfter: null };
const spared = {
  ...enforceAllResolved.scope,
  excluded: { ids: new Set([jane]), joined: new Map(), doubtful: new Set<string>(), complete: true },
};
const unknown = {
  ...enforceAllResolved.scope,
  excluded: { ids: new Set<string>(), joined: new Map(), doubtful: new Set<string>(), complete: false },
};

async function afterAnEnd(
  outcome: Outcome = "revoked",
  results: readonly MailResult[] = [taken],
  over: Partial<PersonDependencies> = {},
) {
  const world = createPersonWorld(results, over);
  await storePrincipal(world.principals, aState({ revocations: [aRevocation({ progress: closedAs(outcome) })] }));
  await deliverNotice(noticeMessage({ principalId: jane, key: janesKey, tries: 0 }), world.dependencies);
  await world.play();
  return world;
}

describe("after the end", () => {
  test("the person gets one mail: what ended, when and what to do, with no link to sign in", async () => {
    const { mails, dependencies, play, recordedNames } = await afterAnEnd();
    await deliverNotice(noticeMessage({ principalId: jane, key: janesKey, tries: 0 }), dependencies);
    await play();
    expect(mails).toHaveLength(1);
    expect(mails[0]?.to).toEqual(["jane@contoso.example"]);
    expect(mails[0]?.subject).toBe("Your session ended because a privilege ended");
    expect(mails[0]?.text).toContain('Your privilege "User Administrator" expired at 2026-01-05 09:01:00 UTC.');
    expect(mails[0]?.text).toContain("were ended at 2026-01-05 09:01:02 UTC");
    expect(mails[0]?.text).not.toMatch(/https?:/);
    expect(mails[0]?.html).not.toMatch(/href|https?:/);
    expect(recordedNames()).toEqual(["personMailed"]);
  });

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

  test("the manager's mail names the person", async () => {
    const settings = { before: null, to: "manager" as const, helpUrl: "https://intranet.contoso.example/why" };
    const { mails } = await afterAnEnd("revoked", [taken], { settings });
    expect(mails[0]?.subject).toBe("Jane Doe: session ended because a privilege ended");
    expect(mails[0]?.text).toContain('The privilege "User Administrator" of Jane Doe expired');
    expect(mails[0]?.text).toContain("Why this happens: https://intranet.contoso.example/why");
  });

  test.each([
    ["Jane <script>alert(1)</script>"],
    ["Jane\r\nBcc: all@contoso.example"],
    ["[x](https://evil.example)"],
    ["\u202eenaJ"],
  ])("an attack in the name is a name and nothing more: %s", async (name) => {
    const settings = { before: null, to: "manager" as const, helpUrl: null };
    const readRecipients = async () => ({
      value: { name, addresses: ["boss@contoso.example"] },
      date: start,
      at: start,
    });
    const { mails } = await afterAnEnd("revoked", [taken], { settings, readRecipients });
    const { subject = "", text = "", html = "" } = mails[0] ?? {};
    expect(subject).not.toMatch(/[\r\n\u202e]/);
    expect(`${subject}${text}${html}`).not.toMatch(/<script|evil\.example|all@contoso/);
  });

  test.each([
    ["has no address", [], "NO_ADDRESS"],
    ["has one that is none", ["jane", "a@b c", "<x@contoso.example>", "x@contoso.example\r\nBcc: y@z"], "NO_ADDRESS"],
  ])("a person who %s is unmailed", async (_, addresses, code) => {
    const readRecipients = async () => ({ value: { name: null, addresses }, date: start, at: start });
    const { mails, recorded } = await afterAnEnd("revoked", [taken], { readRecipients });
    expect(mails).toEqual([]);
    expect(recorded.map(({ name, properties }) => [name, properties.code])).toEqual([["personUnmailed", code]]);
  });
});

describe("a mail", () => {
  test("that was certainly not sent is tried again, under the same id, for an hour and a half", async () => {
    const { mails, recorded } = await afterAnEnd("revoked", [later]);
    expect(mails.map((mail) => (mail.at - start) / 1000)).toEqual([0, 30, 150, 750, 2550, 6150]);
    expect(new Set(mails.map(({ operationId }) => operationId)).size).toBe(1);
    expect(recorded.at(-1)).toMatchObject({ name: "personUnmailed", properties: { code: "HTTP_429" } });
  });

  test.each([
    ["for a while is tried again then", 40 * 60_000, [0, 2400]],
    ["for longer than it would help is not tried again", 2 * 3_600_000, [0]],
  ])("that Azure wants to wait %s", async (_, retryAfter, expected) => {
    const { mails } = await afterAnEnd("revoked", [{ ...later, retryAfter }, taken]);
    expect(mails.map((mail) => (mail.at - start) / 1000)).toEqual(expected);
  });

  test("that was perhaps sent is not sent again", async () => {
    const { mails, dependencies, play, recorded } = await afterAnEnd("revoked", [{ kind: "uncertain" }, taken]);
    await deliverNotice(noticeMessage({ person: "after", principalId: jane, key: janesKey, tries: 0 }), dependencies);
    await play();
    expect(mails).toHaveLength(1);
    expect(recorded.map(({ properties }) => properties.code)).toEqual(["UNCERTAIN"]);
  });

  test("of a process that dies while it sends is not sent again", async () => {
    const dies = async () => {
      throw new Error("The process is gone.");
    };
    const world = createPersonWorld([taken], { sendMail: dies });
    await storePrincipal(world.principals, aState({ revocations: [aRevocation({ progress: closedAs("revoked") })] }));
    const notice = noticeMessage({ person: "after", principalId: jane, key: janesKey, tries: 0 });
    await expect(deliverNotice(notice, world.dependencies)).rejects.toThrow("gone");
    const { mails, dependencies } = createPersonWorld([taken]);
    await deliverNotice(notice, { ...dependencies, principals: world.principals, state: world.state });
    expect(mails).toEqual([]);
  });

  test("that is refused is raised with its code", async () => {
    const { mails, recorded } = await afterAnEnd("revoked", [{ kind: "refused", status: 403 }]);
    expect(mails).toHaveLength(1);
    expect(recorded).toMatchObject([{ name: "mailRefused", properties: { code: "HTTP_403", principalId: jane } }]);
  });

  test("waits for a Graph that does not give the address", async () => {
    const readRecipients = async () => {
      throw new GraphPermanentError("No.", { code: "Authorization_RequestDenied" });
    };
    const { recorded } = await afterAnEnd("revoked", [taken], { readRecipients });
    expect(recorded.at(-1)).toMatchObject({ properties: { code: "Authorization_RequestDenied" } });
  });

  test("is forgotten with everything else that is old", async () => {
    const { state, clock } = await afterAnEnd();
    await purgeMailedPeople(state, clock.now());
    expect((await state.list("toldPeople")).value).toHaveLength(1);
    await purgeMailedPeople(state, clock.now() + 1);
    expect((await state.list("toldPeople")).value).toEqual([]);
  });
});

const admins = "9d0c1b2a-0000-4000-8000-000000000009";

const aMember = (over: Partial<Member> = {}): Member => ({
  principalId: jane,
  access: "member",
  scheduleId: "a-schedule",
  start: isoAt(-60),
  end: isoAt(3600),
  listedEnd: isoAt(3600),
  firstSeen: at(-60),
  absence: null,
  carried: [],
  overdueRaised: false,
  left: null,
  chunk: 0,
  ...over,
});

const aGroup = ({
  holdings = [],
  members = [],
}: {
  holdings?: readonly Holding[];
  members?: readonly Member[];
} = {}): PrincipalState => ({
  ...aState({ head: { kind: "group", group: { assignableToRole: true, readAt: at(0), notBefore: null } }, holdings }),
  principalId: admins,
  members: new Map(members.map((member, n) => [memberKey(member), { ...member, chunk: Math.floor(n / chunkSize) }])),
});
const noGroup = aGroup();

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

  test.each([
    ["a new end is announced", aState({}), aState({ holdings: [held] }), [end - lead - start]],
    [
      "an end that moved is announced",
      aState({ holdings: [moved] }),
      aState({ holdings: [held] }),
      [end - lead - start],
    ],
    ["a known end is not announced again", aState({ holdings: [held] }), aState({ holdings: [held] }), []],
    ["an end that comes sooner than that is not", aState({}), aState({ holdings: [aHolding()] }), []],
    [
      "a permanent privilege has none",
      aState({}),
      aState({ holdings: [aHolding({ sources: [aSource({ end: null, listedEnd: null })] })] }),
      [],
    ],
    ["a group's role is announced", noGroup, aGroup({ holdings: [held] }), [end - lead - start]],
    ["a membership is announced", noGroup, aGroup({ members: [aMember()] }), [end - lead - start]],
    ["an ownership is announced", noGroup, aGroup({ members: [aMember({ access: "owner" })] }), [end - lead - start]],
    [
      "a membership whose end moved is announced",
      aGroup({ members: [aMember({ end: isoAt(7200) })] }),
      aGroup({ members: [aMember()] }),
      [end - lead - start],
    ],
    [
      "a known end of a membership is not announced again",
      aGroup({ members: [aMember()] }),
      aGroup({ members: [aMember()] }),
      [],
    ],
    ["a permanent membership has none", noGroup, aGroup({ members: [aMember({ end: null })] }), []],
    [
      "a member who has left has none",
      noGroup,
      aGroup({ members: [aMember({ left: { at: at(0), shownSince: null } })] }),
      [],
    ],
  ])("%s", async (_, before, after, expected) => {
    const queue = createMemoryQueue({ now: () => start });
    await announceEnds(queue, lead, before, after, start);
    expect(queue.peekAll().map(({ visibleAt }) => visibleAt - start)).toEqual(expected);
    await announceEnds(queue, undefined, before, after, start);
    expect(queue.peekAll()).toHaveLength(expected.length);
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
    const tellAt = async (endsAt: number, groupId: string) => {
      const about = { principalId: jane, key: membership, groupId };
      await world.notices.send(noticeMessage({ person: "before", ...about, endsAt, tries: 0 }), endsAt - lead - start);
    };
    for (const principalId of [admins, elsewhere])
      await storePrincipal(world.principals, { ...aGroup({ members: [aMember()] }), principalId });
    await storePrincipal(world.principals, aState({}));
    await tellAt(end, admins);
    await tellAt(end, elsewhere);
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
