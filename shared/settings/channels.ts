import type { z } from "zod";
import { isLoopback, webhookUrl } from "./connections.ts";
import { listOf, oneOf, optional, refuse, truth, webhookSecret, withDefault } from "./fields.ts";
import type { ChannelFormat, ChannelSettings, FilterWord, RawSettings, SettingProblem } from "./settings.ts";

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

const format = (channel: number) =>
  optional(oneOf("standard", "teams", "slack"), {
    meaning: `format of [channel ${channel}](notifications.md): \`standard\` (Standard Webhooks), \`teams\` (a Workflows webhook), \`slack\` (an incoming webhook)`,
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

const filter = (channel: number) =>
  optional(listOf(filterOf), {
    meaning: `what channel ${channel} is told: \`outcomes\` (all), \`tier0\` (those of the [tier-0 list](policy.md#the-tier-0-list)), \`attention\` (what needs a person: alarms, and outcomes after which sessions may go on), \`alarms\``,
    unset: "`outcomes`",
    expected: "one or more of outcomes, tier0, attention and alarms, separated by commas",
    example: "tier0, attention",
  });

export const channelFields = {
  NOTIFY_1_FORMAT: format(1),
  NOTIFY_1_URL: url(1),
  NOTIFY_1_SECRET: secret(1),
  NOTIFY_1_FILTER: filter(1),
  NOTIFY_2_FORMAT: format(2),
  NOTIFY_2_URL: url(2),
  NOTIFY_2_SECRET: secret(2),
  NOTIFY_2_FILTER: filter(2),
  NOTIFY_3_FORMAT: format(3),
  NOTIFY_3_URL: url(3),
  NOTIFY_3_SECRET: secret(3),
  NOTIFY_3_FILTER: filter(3),
  NOTIFY_4_FORMAT: format(4),
  NOTIFY_4_URL: url(4),
  NOTIFY_4_SECRET: secret(4),
  NOTIFY_4_FILTER: filter(4),
  NOTIFY_5_FORMAT: format(5),
  NOTIFY_5_URL: url(5),
  NOTIFY_5_SECRET: secret(5),
  NOTIFY_5_FILTER: filter(5),
  NOTIFY_6_FORMAT: format(6),
  NOTIFY_6_URL: url(6),
  NOTIFY_6_SECRET: secret(6),
  NOTIFY_6_FILTER: filter(6),
  NOTIFY_7_FORMAT: format(7),
  NOTIFY_7_URL: url(7),
  NOTIFY_7_SECRET: secret(7),
  NOTIFY_7_FILTER: filter(7),
  NOTIFY_8_FORMAT: format(8),
  NOTIFY_8_URL: url(8),
  NOTIFY_8_SECRET: secret(8),
  NOTIFY_8_FILTER: filter(8),
  SHOW_NAMES: withDefault(true, truth(), {
    meaning:
      "names of people and groups on the status page and in messages to people; `false`: object ids alone. The format `standard` never has names",
  }),
};

type Values = z.infer<z.ZodObject<typeof channelFields>>;

/** The channels that have a URL. */
export const toChannels = (values: Values): readonly ChannelSettings[] => [
  ...channelOf(1, values.NOTIFY_1_FORMAT, values.NOTIFY_1_URL, values.NOTIFY_1_SECRET, values.NOTIFY_1_FILTER),
  ...channelOf(2, values.NOTIFY_2_FORMAT, values.NOTIFY_2_URL, values.NOTIFY_2_SECRET, values.NOTIFY_2_FILTER),
  ...channelOf(3, values.NOTIFY_3_FORMAT, values.NOTIFY_3_URL, values.NOTIFY_3_SECRET, values.NOTIFY_3_FILTER),
  ...channelOf(4, values.NOTIFY_4_FORMAT, values.NOTIFY_4_URL, values.NOTIFY_4_SECRET, values.NOTIFY_4_FILTER),
  ...channelOf(5, values.NOTIFY_5_FORMAT, values.NOTIFY_5_URL, values.NOTIFY_5_SECRET, values.NOTIFY_5_FILTER),
  ...channelOf(6, values.NOTIFY_6_FORMAT, values.NOTIFY_6_URL, values.NOTIFY_6_SECRET, values.NOTIFY_6_FILTER),
  ...channelOf(7, values.NOTIFY_7_FORMAT, values.NOTIFY_7_URL, values.NOTIFY_7_SECRET, values.NOTIFY_7_FILTER),
  ...channelOf(8, values.NOTIFY_8_FORMAT, values.NOTIFY_8_URL, values.NOTIFY_8_SECRET, values.NOTIFY_8_FILTER),
];

export const usualFilter: ReadonlySet<FilterWord> = new Set(["outcomes"]);

function channelOf(
  number: number,
  format: ChannelFormat | undefined,
  url: string | undefined,
  secrets: readonly Uint8Array[] | undefined,
  filter: ReadonlySet<FilterWord> | undefined,
): readonly ChannelSettings[] {
  if (url === undefined) return [];
  return [{ number, format: format ?? "standard", url, secrets: secrets ?? [], filter: filter ?? usualFilter }];
}

/** What the settings of one channel demand of each other. Neither its URL nor its secret is shown. */
export const channelRelations = (raw: RawSettings): readonly SettingProblem[] =>
  Array.from({ length: 8 }, (_, index) => problemsOf(index + 1, raw)).flat();

function problemsOf(number: number, raw: RawSettings): readonly SettingProblem[] {
  const nameOf = (part: string) => `NOTIFY_${number}_${part}`;
  const [format = "standard", url, secrets] = ["FORMAT", "URL", "SECRET"].map((part) => raw[nameOf(part)]);
  const lower = format.toLowerCase();
  const isThere = ["FORMAT", "SECRET", "FILTER"].some((part) => raw[nameOf(part)] !== undefined);
  const problem = (part: string, found: string, expected: string, example: string): SettingProblem => ({
    setting: nameOf(part),
    found,
    expected,
    example,
  });
  if (url === undefined) {
    return isThere
      ? [
          problem(
            "URL",
            "nothing",
            `the URL of channel ${number}, which has other settings`,
            "https://hooks.contoso.example/pim",
          ),
        ]
      : [];
  }
  const problems: SettingProblem[] = [];
  if (lower === "standard" && secrets === undefined) {
    problems.push(
      problem("SECRET", "nothing", `the secret that signs channel ${number}`, "whsec_REPLACE/THIS/BY/32/RANDOM/BYTES/"),
    );
  }
  if (lower !== "standard" && secrets !== undefined) {
    problems.push(
      problem(
        "SECRET",
        `a secret of a channel of the format ${lower}`,
        "nothing: only the format standard is signed",
        `(remove ${nameOf("SECRET")})`,
      ),
    );
  }
  const kind = wrongKind(lower, url);
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

/** A URL that belongs to another format than the one that was chosen; null when nothing speaks against it. */
function wrongKind(format: string, text: string) {
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
      found: `a URL of Slack in a channel of the format ${format}`,
      ...(format === "teams" ? teamsUrl : slackUrl),
    };
  // Microsoft has retired them (Teams docs: webhooks and connectors).
  if (format === "teams" && /(?:^|\.)webhook\.office\.com$/.test(url.hostname)) {
    return { found: "a URL of an Office 365 connector, which are retired", ...teamsUrl };
  }
  return null;
}
