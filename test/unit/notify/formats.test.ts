import { describe, expect, test } from "vitest";
import { checkMail } from "../../../local/receivers/check-mail.ts";
import { checkSlack, slackMentions } from "../../../local/receivers/check-slack.ts";
import { checkTeams } from "../../../local/receivers/check-teams.ts";
import { type Closed, outcomes } from "../../../shared/model/pending-revocation.ts";
import { toSlackBody, toTeamsBody } from "../../../shared/notify/formats.ts";
import { wordNews } from "../../../shared/notify/mail.ts";
import { type Names, outcomeNews } from "../../../shared/notify/news.ts";
import { alarmNames } from "../../../shared/notify/notice.ts";
import { type Worded, wordAlarm, wordDigest, wordOutcome, wordTest } from "../../../shared/notify/wording.ts";
import { type AlarmName, alarms } from "../../../shared/telemetry/names.ts";
import { jane } from "../../fixtures/fake-world.ts";
import { aRevocation, at } from "../../fixtures/principal-builders.ts";

const closed: Closed = {
  state: "closed",
  outcome: "revoked",
  closedAt: at(64),
  acceptedAt: at(62.5),
  verified: true,
  detail: null,
};
const names: Names = { user: "Jane Doe", group: null, role: "User Administrator" };
const news = (over: Partial<Closed> = {}, called = names) =>
  outcomeNews(jane, aRevocation(), { ...closed, ...over }, called);

/** As the mail package writes it (mail-client.test.ts). */
function toMailBody(worded: Worded): object {
  const { subject, text, html } = wordNews(worded);
  return {
    senderAddress: "DoNotReply@contoso.example",
    recipients: { to: [{ address: "soc@contoso.example" }] },
    content: { subject, plainText: text, html },
    userEngagementTrackingDisabled: true,
  };
}

/** How a message is written, what its receiver takes, and line breaks that are ours. */
const formats = [
  ["Teams", (worded: Worded) => JSON.stringify(toTeamsBody(worded)), checkTeams, /\\n(?!.{0,3}Sign)/],
  ["Slack", (worded: Worded) => JSON.stringify(toSlackBody(worded)), checkSlack, /\\n(?!.{0,3}Sign)/],
  [
    "a mailbox",
    (worded: Worded) => JSON.stringify(toMailBody(worded)),
    checkMail,
    /\\n(?!Who|Privilege|Ended|Done|Not cut|Reason|Ticket|Open the user|<)|(?:\\n|<p>|<strong>|")Done(?:<\/strong>)?:(?:<\/strong>)? all/,
  ],
] as const;

/** Everything that a person could be shown, at its longest. */
const longest = "&".repeat(500);
const allWorded: readonly (readonly [string, Worded])[] = [
  ...outcomes.map((outcome) => [outcome, wordOutcome(news({ outcome }), "global")] as const),
  ["one end with the longest names", wordOutcome(news({}, { user: longest, group: longest, role: longest }), "china")],
  [
    "one end with the longest reason",
    wordOutcome({ ...news(), reason: { justification: longest, ticket: longest } }, "global"),
  ],
  ["two ends", wordDigest([news(), news({ outcome: "failed" })])],
  [
    "a hundred ends with the longest names",
    wordDigest(
      Array.from({ length: 100 }, (_, n) =>
        news({ outcome: outcomes[n % outcomes.length] ?? "revoked" }, { user: longest, group: longest, role: longest }),
      ),
    ),
  ],
  ["an alarm", wordAlarm({ kind: "alarm", alarm: "revokeRefused", principalId: jane, at: at(0) }, "global")],
  ["the longest alarm", wordAlarm({ kind: "alarm", alarm: longestAlarm(), principalId: null, at: at(0) }, "global")],
  ["a test", wordTest],
];

function longestAlarm(): AlarmName {
  const [first = "operation"] = alarmNames.toSorted((a, b) => alarms[b].length - alarms[a].length);
  return first;
}

test.each([
  [0, "within a second after"],
  [1000, "within 2 s after"],
  [2500, "within 3 s after"],
])("between whole seconds lies up to one more: %i ms are shown as %s", (revokedAfter, words) => {
  const { facts } = wordOutcome({ ...news(), revokedAfter }, "global");
  expect(JSON.stringify(facts)).toContain(`revoked ${words} the end was seen`);
});

describe.each(formats)("a message for %s", (_, write, check, foreignBreak) => {
  test.each(allWorded)("is taken by its receiver: %s", (_, worded) => {
    expect(check(write(worded))).toEqual([]);
  });

  test("says who, what, when, what was done how fast, and what could not be cut", () => {
    const text = write(wordOutcome(news(), "global"));
    for (const part of [
      "Sign-in sessions revoked",
      `Jane Doe (${jane})`,
      "User Administrator",
      "2026-01-05 09:01:02 UTC (expired)",
      "within a second after the end was seen, and read back",
      "live until 2026-01-05 10:31:02 UTC at the latest",
      `https://entra.microsoft.com/#view/Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId/${jane}`,
    ])
      expect(text).toContain(part);
  });

  test.each([
    ["<!channel> <@U012AB3CD>"],
    ["<at>everyone</at>"],
    ["<script>alert(1)</script>"],
    ["[Sign in again](https://evil.example)"],
    ["https://evil.example/login"],
    ["\u202eadmin\u2066"],
    ["{{DATE(2026-01-01T00:00:00Z,SHORT)}}"],
    ["Jane\nDone: all is well"],
  ])("shows an attack as a name and nothing more: %s", (attack) => {
    const called = { user: attack, group: attack, role: attack };
    const text = write(wordOutcome(news({}, called), "global"));
    expect(check(text)).toEqual([]);
    expect(slackMentions(text.replace("<!doctype html>", ""))).toEqual([]);
    expect(text).not.toContain(attack);
    expect(text).not.toMatch(/evil\.example|https:\/\/evil|<at>|<script|\{\{|\]\(|[\u202a-\u202e\u2066-\u2069]/);
    expect(text).not.toMatch(foreignBreak);
  });
});

describe.each(formats)("a text that a user wrote into PIM, shown by %s", (_, write, check, foreignBreak) => {
  const withReason = (justification: string | null, ticket: string | null) =>
    write(wordOutcome({ ...news(), reason: { justification, ticket } }, "global"));

  test("is there, and nothing is where nothing was written", () => {
    const text = withReason("Mend the sign-in of a colleague", "INC0012345");
    expect(check(text)).toEqual([]);
    expect(text).toContain("Mend the sign-in of a colleague");
    expect(text).toContain("INC0012345");
    expect(withReason("  ", null)).not.toMatch(/Reason given|Ticket/);
  });

  test.each([
    ["<!channel> <@U012AB3CD>"],
    ["<at>everyone</at>"],
    ["<script>alert(1)</script><img src=x onerror=alert(1)>"],
    ["[Sign in again](https://evil.example)"],
    ["https://evil.example/login"],
    ["mailto:boss@evil.example"],
    ["\u202eadmin\u2066\u200b"],
    ["{{DATE(2026-01-01T00:00:00Z,SHORT)}} \u0024{user}"],
    ["Holiday cover\nDone: all is well"],
  ])("is one plain line, whatever the attack: %s", (attack) => {
    const text = withReason(attack, attack);
    expect(check(text)).toEqual([]);
    expect(slackMentions(text.replace("<!doctype html>", ""))).toEqual([]);
    expect(text).not.toContain(attack);
    expect(text).not.toMatch(
      /evil\.example|https:\/\/evil|<at>|<script|<img|\{\{|\$\{|\]\(|@evil|[\u202a-\u202e\u2066-\u2069\u200b]/,
    );
    expect(text).not.toMatch(foreignBreak);
  });

  test("is cut", () => {
    const text = withReason("&".repeat(5000), "9".repeat(5000));
    expect(check(text)).toEqual([]);
    expect(text).not.toContain("9".repeat(60));
    expect(text.length).toBeLessThan(6000);
  });
});

test("a mail escapes whatever it is given, on top of the plain line that names are", () => {
  const raw = "<b>Jane</b> & 'co'";
  const { html } = wordNews({
    title: raw,
    tone: "good",
    facts: [{ label: raw, text: raw }],
    lines: [raw],
    link: { label: raw, url: `https://a.example/?a&b"` },
  });
  expect(html).not.toMatch(/<b>|& |&b|'co'|"$/);
  expect(html.match(/&lt;b&gt;Jane&lt;\/b&gt; &amp; &#39;co&#39;/g)).toHaveLength(5);
  expect(html).toContain("https://a.example/?a&amp;b&quot;");
});

test("Slack is asked for no link preview, no emoji and no markup outside our own link", () => {
  const text = JSON.stringify(toSlackBody(wordOutcome(news({}, { ...names, user: ":skull: _x_" }), "global")));
  expect(text.match(/"mrkdwn"/g)).toHaveLength(2);
  expect(text).toContain('"unfurl_links":false');
  expect(text).not.toContain('"emoji":true');
});

test("a digest counts every outcome, names the first ones and begins with those that need a person", () => {
  const all = [news({ outcome: "failed" }), ...Array.from({ length: 19 }, () => news())];
  const worded = wordDigest(all);
  expect(worded).toMatchObject({ title: "20 privileges ended within a minute", tone: "bad" });
  expect(worded.facts).toEqual([
    { label: "Sessions were not revoked", text: "1" },
    { label: "Sign-in sessions revoked", text: "19" },
  ]);
  expect(worded.lines).toHaveLength(16);
  expect(worded.lines[0]).toContain("Sessions were not revoked: Jane Doe");
  expect(worded.lines.at(-1)).toBe("and 5 more, which the status page shows");
});

test("without names it says ids", () => {
  const worded = wordOutcome(news({}, { user: null, group: null, role: null }), "global");
  expect(worded.facts.slice(0, 2)).toEqual([
    { label: "Who", text: jane },
    { label: "Privilege", text: aRevocation().roleDefinitionId },
  ]);
});
