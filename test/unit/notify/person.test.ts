import { describe, expect, test } from "vitest";
import { GraphPermanentError } from "../../../shared/graph/errors.ts";
import { deliverNotice, purgeMailedPeople } from "../../../shared/notify/deliver.ts";
import type { MailResult } from "../../../shared/notify/mail.ts";
import { noticeMessage } from "../../../shared/notify/notice.ts";
import { jane, start } from "../../fixtures/fake-world.ts";
import { afterAnEnd, closedAs, createPersonWorld, taken } from "../../fixtures/person-world.ts";
import { aRevocation, aState, janesKey } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const later: MailResult = { kind: "later", code: "HTTP_429", status: 429, retryAfter: null };

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
    expect((await state.list("mailedPeople")).value).toHaveLength(1);
    await purgeMailedPeople(state, clock.now() + 1);
    expect((await state.list("mailedPeople")).value).toEqual([]);
  });
});
