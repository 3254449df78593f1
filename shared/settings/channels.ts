import { z } from "zod";
import { isLoopback, webhookSecret, webhookUrl } from "./connections.ts";
import { listOf, oneOf, optional, refuse, truth, withDefault } from "./fields.ts";
import type {
  ChannelFormat,
  ChannelSettings,
  FilterWord,
  MailSettings,
  RawSettings,
  SettingProblem,
} from "./settings.ts";

const filterWords: readonly FilterWord[] = ["outcomes", "alarms", "tier0", "attention"];

function filterOf(text: string, context: z.RefinementCtx): ReadonlySet<FilterWord> {
  const entries = text
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter((entry) => entry !== "");
  const known = filterWords.filter((word) => entries.includes(word));
  if (entries.length === 0 || known.length < new Set(entries).size) return refuse(context);
  return new Set(known);
}

/** The most recipients of one mail (Azure docs: at most 50). More people need a distribution list, which has one address. */
const mostRecipients = 20;

/** Mail addresses separated by commas. An error names a wrong entry by its place: an address is a person's name. */
function recipientsOf(text: string, context: z.RefinementCtx): readonly string[] {
  const entries = [...new Set(text.split(/[\s,;]+/).filter((entry) => entry !== ""))];
  if (entries.length === 0) return refuse(context, "a list without an entry");
  if (entries.length > mostRecipients) return refuse(context, `${entries.length} addresses`);
  for (const [index, entry] of entries.entries()) {
    if (z.email().safeParse(entry).success) continue;
    refuse(context, `entry ${index + 1} of ${entries.length}, with ${entry.length} characters, is no mail address`);
  }
  return entries;
}

const formats = ["standard", "teams", "slack", "mail"] as const satisfies readonly ChannelFormat[];

const format = (channel: number) =>
  optional(oneOf(...formats), {
    meaning: `format of [channel ${channel}](notifications.md): \`standard\` (Standard Webhooks), \`teams\` (a Workflows webhook), \`slack\` (an incoming webhook), \`mail\``,
    unset: "`standard`, when the channel has a URL",
  });

const url = (channel: number) =>
  optional(webhookUrl(), {
    meaning: `where channel ${channel} is sent, by https. Whoever has it can write there: it is a secret`,
    expected: "an https URL without a user name",
    example: "https://hooks.contoso.example/pim",
    isSecret: true,
    setBy: "deployment",
  });

const secret = (channel: number) =>
  optional(webhookSecret(), {
    meaning: `the secret that signs channel ${channel}, of the format \`standard\` alone; two of them, separated by a blank, while one is rotated`,
    expected: "one or two secrets of whsec_ and 24 to 64 random bytes in base64, separated by a blank",
    example: "whsec_REPLACE/THIS/BY/32/RANDOM/BYTES/",
    isSecret: true,
    setBy: "deployment",
  });

const to = (channel: number) =>
  optional(listOf(recipientsOf), {
    meaning: `mail addresses that channel ${channel} is sent to, of the format \`mail\` alone; up to ${mostRecipients}, each sees the others`,
    expected: `up to ${mostRecipients} mail addresses separated by commas`,
    example: "soc@contoso.example",
  });

const filter = (channel: number) =>
  optional(listOf(filterOf), {
    meaning: `what channel ${channel} gets: \`outcomes\` (all), \`tier0\` (those of the [tier-0 list](policy.md#the-tier-0-list)), \`attention\` (what needs a person: alarms, and outcomes after which sessions may go on), \`alarms\``,
    unset: "`outcomes`",
    expected: "one or more of outcomes, tier0, attention and alarms, separated by commas",
    example: "tier0, attention",
  });

export const channelFields = {
  NOTIFY_1_FORMAT: format(1),
  NOTIFY_1_URL: url(1),
  NOTIFY_1_SECRET: secret(1),
  NOTIFY_1_TO: to(1),
  NOTIFY_1_FILTER: filter(1),
  NOTIFY_2_FORMAT: format(2),
  NOTIFY_2_URL: url(2),
  NOTIFY_2_SECRET: secret(2),
  NOTIFY_2_TO: to(2),
  NOTIFY_2_FILTER: filter(2),
  NOTIFY_3_FORMAT: format(3),
  NOTIFY_3_URL: url(3),
  NOTIFY_3_SECRET: secret(3),
  NOTIFY_3_TO: to(3),
  NOTIFY_3_FILTER: filter(3),
  NOTIFY_4_FORMAT: format(4),
  NOTIFY_4_URL: url(4),
  NOTIFY_4_SECRET: secret(4),
  NOTIFY_4_TO: to(4),
  NOTIFY_4_FILTER: filter(4),
  NOTIFY_5_FORMAT: format(5),
  NOTIFY_5_URL: url(5),
  NOTIFY_5_SECRET: secret(5),
  NOTIFY_5_TO: to(5),
  NOTIFY_5_FILTER: filter(5),
  NOTIFY_6_FORMAT: format(6),
  NOTIFY_6_URL: url(6),
  NOTIFY_6_SECRET: secret(6),
  NOTIFY_6_TO: to(6),
  NOTIFY_6_FILTER: filter(6),
  NOTIFY_7_FORMAT: format(7),
  NOTIFY_7_URL: url(7),
  NOTIFY_7_SECRET: secret(7),
  NOTIFY_7_TO: to(7),
  NOTIFY_7_FILTER: filter(7),
  NOTIFY_8_FORMAT: format(8),
  NOTIFY_8_URL: url(8),
  NOTIFY_8_SECRET: secret(8),
  NOTIFY_8_TO: to(8),
  NOTIFY_8_FILTER: filter(8),
  SHOW_NAMES: withDefault(true, truth(), {
    meaning:
      "names of people and groups on the status page and in messages to people; `false`: object ids alone. The format `standard` never has names",
  }),
  SHOW_JUSTIFICATION: withDefault(false, truth(), {
    meaning:
      "`true`: a message to people about one end also says what the person wrote in PIM when they activated it: justification and ticket number, read from the audit log when the message is sent. The format `standard` never has them",
  }),
};

type Values = z.infer<z.ZodObject<typeof channelFields>>;

const numbers = [1, 2, 3, 4, 5, 6, 7, 8] as const;

export const usualFilter: ReadonlySet<FilterWord> = new Set(["outcomes"]);

/** The channels with a receiver. `mail`: the resource that sends mails; null when there is none, which `mailRelations` reports before. */
export const toChannels = (values: Values, mail: MailSettings | null): readonly ChannelSettings[] =>
  numbers.flatMap((number): ChannelSettings[] => {
    const format = values[`NOTIFY_${number}_FORMAT` as const] ?? "standard";
    const filter = values[`NOTIFY_${number}_FILTER` as const] ?? usualFilter;
    if (format === "mail") {
      const recipients = values[`NOTIFY_${number}_TO` as const];
      return recipients === undefined || mail === null ? [] : [{ number, format, to: recipients, mail, filter }];
    }
    const address = values[`NOTIFY_${number}_URL` as const];
    const secrets = values[`NOTIFY_${number}_SECRET` as const] ?? [];
    return address === undefined ? [] : [{ number, format, url: address, secrets, filter }];
  });

/** The numbers of the channels whose format is `mail`. */
export const mailChannels = (raw: RawSettings): readonly number[] =>
  numbers.filter((number) => raw[`NOTIFY_${number}_FORMAT`]?.toLowerCase() === "mail");

/** Checks what the settings of one channel demand of each other. Its URL, its secret and its addresses are never shown. */
export const channelRelations = (raw: RawSettings): readonly SettingProblem[] =>
  numbers.flatMap((number) => problemsOf(number, raw));

function problemsOf(number: number, raw: RawSettings): readonly SettingProblem[] {
  const nameOf = (part: string) => `NOTIFY_${number}_${part}`;
  const [format, url, secrets, recipients, filter] = ["FORMAT", "URL", "SECRET", "TO", "FILTER"].map(
    (part) => raw[nameOf(part)],
  );
  const lower = (format ?? "standard").toLowerCase();
  const problem = (part: string, found: string, expected: string, example: string): SettingProblem => ({
    setting: nameOf(part),
    found,
    expected,
    example,
  });
  // An unknown word may be a value, even a secret, that was meant for another setting.
  const named = formats.some((word) => word === lower) ? `the format ${lower}` : "an unknown format";
  const surplus = (part: string, what: string, expected: string) =>
    problem(part, `${what} of a channel of ${named}`, `nothing: ${expected}`, `(remove ${nameOf(part)})`);
  const noSecret = secrets === undefined ? [] : [surplus("SECRET", "a secret", "only the format standard is signed")];
  if (lower === "mail") {
    const noUrl =
      url === undefined ? [] : [surplus("URL", "a URL", `the format mail is sent to the addresses in ${nameOf("TO")}`)];
    if (recipients !== undefined) return [...noUrl, ...noSecret];
    const expected = `the mail addresses that channel ${number} is sent to`;
    return [problem("TO", "nothing", expected, "soc@contoso.example"), ...noUrl, ...noSecret];
  }
  if (url === undefined) {
    if (format === undefined && recipients !== undefined) {
      return [problem("FORMAT", "nothing", `mail, because channel ${number} has recipients`, "mail")];
    }
    if ([format, secrets, recipients, filter].every((value) => value === undefined)) return [];
    const expected = `the URL of channel ${number}, which has other settings`;
    return [problem("URL", "nothing", expected, "https://hooks.contoso.example/pim")];
  }
  const problems: SettingProblem[] = lower === "standard" ? [] : [...noSecret];
  if (lower === "standard" && secrets === undefined) {
    problems.push(
      problem("SECRET", "nothing", `the secret that signs channel ${number}`, "whsec_REPLACE/THIS/BY/32/RANDOM/BYTES/"),
    );
  }
  if (recipients !== undefined) problems.push(surplus("TO", "recipients", "only the format mail has any"));
  const kind = wrongKind(lower, named, url);
  if (kind !== null) problems.push(problem("URL", kind.found, `${kind.expected} for channel ${number}`, kind.example));
  return problems;
}

const slackHosts: ReadonlySet<string> = new Set(["hooks.slack.com", "hooks.slack-gov.com"]);
const slackUrl = {
  expected: "the URL of an incoming webhook of Slack",
  example: "https://hooks.slack.com/services/T0/B0/x",
};
const teamsUrl = {
  expected: "the URL that a Teams workflow shows",
  example: "https://prod-00.westeurope.logic.azure.com/workflows/...",
};

/** The problem of a URL that belongs to another format than the chosen one; null when there is none. */
function wrongKind(format: string, named: string, text: string) {
  const url = URL.parse(text);
  if (url === null || isLoopback(url)) return null;
  const isSlack = slackHosts.has(url.hostname);
  if (format === "slack") {
    if (isSlack && url.pathname.startsWith("/services/")) return null;
    const found = isSlack ? "a URL of Slack that is no incoming webhook" : "a URL of another host than Slack";
    return { found, ...slackUrl };
  }
  if (isSlack)
    return {
      found: `a URL of Slack in a channel of ${named}`,
      ...(format === "teams" ? teamsUrl : slackUrl),
    };
  // Microsoft has retired these connectors (Teams docs: webhooks and connectors).
  if (format === "teams" && /(?:^|\.)webhook\.office\.com$/.test(url.hostname)) {
    return { found: "a URL of an Office 365 connector, which are retired", ...teamsUrl };
  }
  return null;
}
