import { describe, expect, test } from "vitest";
import { GraphPermanentError } from "../../../shared/graph/errors.ts";
import type { Closed, Outcome } from "../../../shared/model/pending-revocation.ts";
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
const later: MailResult = { kind: "later", code: "HTTP_429" };
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
  test("the person is told once what ended, when and what to do, with no link to sign in", async () => {
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
  ])("nobody is told whose outcome is %s", async (outcome) => {
    expect((await afterAnEnd(outcome)).mails).toEqual([]);
  });

  test.each([
    ["is spared meanwhile", spared],
    ["may be spared", unknown],
  ])("nobody is told who %s", async (_, scope) => {
    const readPolicy = async () => ({ ...enforceAllResolved, scope });
    expect((await afterAnEnd("revoked", [taken], { readPolicy })).mails).toEqual([]);
  });

  test("the manager is told of the person by name", async () => {
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

  test("that was perhaps sent is not sent again, whoever asks", async () => {
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
    const { mails, recorded } = await afterAnEnd("revoked", [{ kind: "refused", code: "HTTP_403", isDenied: true }]);
    expect(mails).toHaveLength(1);
    expect(recorded).toMatchObject([{ name: "mailRefused", properties: { code: "HTTP_403", principalId: jane } }]);
  });

  test("waits for a Graph that does not tell the address", async () => {
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

  test("the person is told how long it lasts", async () => {
    const { mails } = await beforeTheEnd();
    expect(mails).toHaveLength(1);
    expect(mails[0]?.subject).toBe("Your privilege ends in 10 minutes");
    expect(mails[0]?.text).toContain('"User Administrator" ends in 10 minutes, at 2026-01-05 10:00:00 UTC');
    expect(mails[0]?.at).toBe(end - lead);
  });

  test("a message that came late tells what is left, and nothing in the last minute", async () => {
    expect((await beforeTheEnd({}, undefined, 7 * 60_000)).mails[0]?.subject).toBe("Your privilege ends in 3 minutes");
    expect((await beforeTheEnd({}, undefined, lead - 30_000)).mails).toEqual([]);
  });

  const moved = aHolding({ sources: [aSource({ end: isoAt(7200), listedEnd: isoAt(7200) })] });
  test.each([
    ["whose end has moved", aState({ holdings: [moved] })],
    ["whose privilege is gone", aState({})],
    ["whose privilege is being denied", aState({ holdings: [{ ...held, absence: absentSince(at(3000)) }] })],
    ["who is no user of this tenant", aState({ head: { kind: "externalUser" }, holdings: [held] })],
  ])("nobody is told %s", async (_, state) => {
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
  ])("nobody is told who %s", async (_, policy, stopped) => {
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
    ["a group is nobody", aState({}), aState({ head: { kind: "group" }, holdings: [held] }), []],
  ])("%s", async (_, before, after, expected) => {
    const queue = createMemoryQueue({ now: () => start });
    await announceEnds(queue, lead, before, after, start);
    expect(queue.peekAll().map(({ visibleAt }) => visibleAt - start)).toEqual(expected);
    await announceEnds(queue, undefined, before, after, start);
    expect(queue.peekAll()).toHaveLength(expected.length);
  });
});
