import { describe, expect, test } from "vitest";
import { problemsOf, settingsOf } from "./reading.ts";

const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
const other = `whsec_${Buffer.alloc(24, 8).toString("base64")}`;
const hooks = "https://hooks.slack.com/services/T0/B0/hidden";
const flow = "https://prod-07.westeurope.logic.azure.com/workflows/hidden/triggers/manual/paths/invoke?sig=hidden";

const resource = {
  NOTIFY_MAIL_ENDPOINT: "https://contoso.europe.communication.azure.com",
  NOTIFY_MAIL_SENDER: "DoNotReply@contoso.example",
};
const mails = { ...resource, NOTIFY_3_FORMAT: "mail", NOTIFY_3_TO: "soc@contoso.example" };

describe("a channel", () => {
  test("of each format, with its filter; two secrets sign while one is rotated", () => {
    const { notify } = settingsOf({
      NOTIFY_WEBHOOK_URL: "https://a.example/",
      NOTIFY_WEBHOOK_SECRET: `${secret} ${other}`,
      NOTIFY_1_FORMAT: "teams",
      NOTIFY_1_URL: flow,
      NOTIFY_1_FILTER: "Tier0, attention",
      NOTIFY_2_FORMAT: "slack",
      NOTIFY_2_URL: hooks,
      ...resource,
      NOTIFY_5_FORMAT: "Mail",
      NOTIFY_5_TO: "soc@contoso.example; ada@contoso.example, soc@contoso.example",
      NOTIFY_5_FILTER: "alarms",
      NOTIFY_8_URL: "http://127.0.0.1:8080/hook",
      NOTIFY_8_SECRET: secret,
      SHOW_NAMES: "false",
    });
    expect(notify?.showNames).toBe(false);
    expect(
      notify?.channels.map((channel) => [
        channel.number,
        channel.format,
        channel.format === "mail" ? channel.to : channel.secrets.length,
        [...channel.filter],
      ]),
    ).toEqual([
      [0, "standard", 2, ["outcomes"]],
      [1, "teams", 0, ["tier0", "attention"]],
      [2, "slack", 0, ["outcomes"]],
      [5, "mail", ["soc@contoso.example", "ada@contoso.example"], ["alarms"]],
      [8, "standard", 1, ["outcomes"]],
    ]);
  });

  test("there is no receiver when no channel is set", () => {
    expect(settingsOf({}).notify).toBeNull();
  });

  test.each([
    ["without a URL", { NOTIFY_3_FORMAT: "slack" }, "NOTIFY_3_URL", "nothing"],
    ["whose filter alone is set", { NOTIFY_3_FILTER: "alarms" }, "NOTIFY_3_URL", "nothing"],
    ["without a secret", { NOTIFY_3_URL: "https://a.example/" }, "NOTIFY_3_SECRET", "nothing"],
    [
      "with a secret that would sign nothing",
      { NOTIFY_3_FORMAT: "slack", NOTIFY_3_URL: hooks, NOTIFY_3_SECRET: secret },
      "NOTIFY_3_SECRET",
      "a secret of a channel of the format slack",
    ],
    [
      "of Slack with another host",
      { NOTIFY_3_FORMAT: "slack", NOTIFY_3_URL: flow },
      "NOTIFY_3_URL",
      "a URL of another host than Slack",
    ],
    [
      "of Slack with a workflow's trigger",
      { NOTIFY_3_FORMAT: "slack", NOTIFY_3_URL: "https://hooks.slack.com/triggers/T0/1/hidden" },
      "NOTIFY_3_URL",
      "a URL of Slack that is no incoming webhook",
    ],
    [
      "of Teams with a URL of Slack",
      { NOTIFY_3_FORMAT: "teams", NOTIFY_3_URL: hooks },
      "NOTIFY_3_URL",
      "a URL of Slack in a channel of the format teams",
    ],
    [
      "of Teams with a retired connector",
      { NOTIFY_3_FORMAT: "teams", NOTIFY_3_URL: "https://contoso.webhook.office.com/webhookb2/hidden" },
      "NOTIFY_3_URL",
      "a URL of an Office 365 connector, which are retired",
    ],
    [
      "without https",
      { NOTIFY_3_FORMAT: "teams", NOTIFY_3_URL: "http://a.example/hidden" },
      "NOTIFY_3_URL",
      "a URL without https",
    ],
    [
      "whose reference was not resolved",
      { NOTIFY_3_FORMAT: "teams", NOTIFY_3_URL: "@Microsoft.KeyVault(SecretUri=hidden)" },
      "NOTIFY_3_URL",
      "a reference that was not resolved",
    ],
    [
      "of an unknown format",
      { NOTIFY_3_FORMAT: "mattermost", NOTIFY_3_URL: "https://a.example/hidden" },
      "NOTIFY_3_FORMAT",
      '"mattermost"',
    ],
    [
      "with an unknown word in its filter",
      { NOTIFY_3_FORMAT: "teams", NOTIFY_3_URL: flow, NOTIFY_3_FILTER: "everything" },
      "NOTIFY_3_FILTER",
      "a value of 10 characters",
    ],
    [
      "with three secrets",
      { NOTIFY_3_URL: "https://a.example/", NOTIFY_3_SECRET: `${secret} ${other} ${secret}` },
      "NOTIFY_3_SECRET",
      "a value of 116 characters",
    ],
    ["of mails without an address", { ...resource, NOTIFY_3_FORMAT: "mail" }, "NOTIFY_3_TO", "nothing"],
    [
      "of mails with an address that is none",
      { ...mails, NOTIFY_3_TO: "soc@contoso.example, hidden" },
      "NOTIFY_3_TO",
      "entry 2 of 2, with 6 characters, is no mail address",
    ],
    ["of mails with an empty list", { ...mails, NOTIFY_3_TO: " , " }, "NOTIFY_3_TO", "a list without an entry"],
    [
      "of mails to too many",
      { ...mails, NOTIFY_3_TO: Array.from({ length: 21 }, (_, n) => `hidden${n}@contoso.example`).join() },
      "NOTIFY_3_TO",
      "21 addresses",
    ],
    ["of mails with a URL", { ...mails, NOTIFY_3_URL: hooks }, "NOTIFY_3_URL", "a URL of a channel of the format mail"],
    [
      "of mails with a secret",
      { ...mails, NOTIFY_3_SECRET: secret },
      "NOTIFY_3_SECRET",
      "a secret of a channel of the format mail",
    ],
    [
      "of another format with addresses",
      { NOTIFY_3_FORMAT: "teams", NOTIFY_3_URL: flow, NOTIFY_3_TO: "hidden@contoso.example" },
      "NOTIFY_3_TO",
      "recipients of a channel of the format teams",
    ],
    ["that has addresses and no format", { NOTIFY_3_TO: "hidden@contoso.example" }, "NOTIFY_3_FORMAT", "nothing"],
    ["of mails that nothing sends", { ...mails, NOTIFY_MAIL_ENDPOINT: undefined }, "NOTIFY_MAIL_ENDPOINT", "nothing"],
    [
      "of mails in a cloud without them",
      { ...mails, GRAPH_CLOUD: "usGovL4" },
      "NOTIFY_3_FORMAT",
      "mails in a cloud in which the app cannot send any",
    ],
  ])("%s is refused, by its number and without its values", (_, raw, setting, found) => {
    const problems = problemsOf(raw);
    expect(problems).toMatchObject([{ setting, found }]);
    expect(JSON.stringify(problems)).not.toMatch(/hidden|AcHBwcH/);
  });

  test("whose format is an unknown word is reported without repeating it elsewhere", () => {
    const raw = { NOTIFY_3_FORMAT: "hidden@contoso.example", NOTIFY_3_URL: hooks, NOTIFY_3_TO: "soc@contoso.example" };
    const elsewhere = problemsOf(raw).filter(({ setting }) => setting !== "NOTIFY_3_FORMAT");
    expect(elsewhere).toMatchObject([
      { setting: "NOTIFY_3_TO", found: "recipients of a channel of an unknown format" },
      { setting: "NOTIFY_3_URL" },
    ]);
    expect(JSON.stringify(elsewhere)).not.toContain("hidden");
  });

  test("of mails says by its number why a resource is needed", () => {
    const { NOTIFY_MAIL_SENDER: _, ...without } = mails;
    expect(problemsOf(without)).toMatchObject([
      {
        setting: "NOTIFY_MAIL_SENDER",
        expected: "the address that the mails come from, because NOTIFY_3_FORMAT is mail",
      },
    ]);
  });
});
