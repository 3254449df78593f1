import type { Outcome } from "../model/pending-revocation.ts";
import { adminCenterPaths, adminCenters, type GraphCloud } from "../settings/settings.ts";
import { alarms } from "../telemetry/names.ts";
import type { AlarmNews, OutcomeNews } from "./news.ts";

/** The text of a message, the same for every format. `title` is the app's own text; text from outside is only in `facts` and `lines`, made plain by `plainLine`. */
export interface Worded {
  readonly title: string;
  readonly tone: "good" | "neutral" | "bad";
  readonly facts: readonly { readonly label: string; readonly text: string }[];
  /** For a digest: one line for each end that is shown by name. */
  readonly lines: readonly string[];
  readonly link: { readonly label: string; readonly url: string } | null;
}

const titles: Readonly<Record<Outcome, readonly [tone: Worded["tone"], title: string, done: string]>> = {
  revoked: ["good", "Sign-in sessions revoked", "Sign-in sessions revoked"],
  alreadySatisfied: [
    "good",
    "Sessions had ended already",
    "Nothing to do: the sessions were revoked after the end already",
  ],
  stillHeld: ["neutral", "Nothing revoked: still held", "Nothing: the privilege is held in another way, or again"],
  excluded: ["neutral", "Nothing revoked: excluded", "Nothing: the settings exclude this person"],
  outOfScope: ["neutral", "Nothing revoked: out of scope", "Nothing: the settings do not include this person or role"],
  reportOnly: ["neutral", "Nothing revoked: report only", "Nothing: the app only reports"],
  notEnforceable: ["bad", "Sessions cannot be revoked", "Not possible: another tenant owns these sessions"],
  principalGone: ["neutral", "The account is gone", "Nothing: the account was deleted"],
  stale: ["bad", "Too old to revoke", "Nothing: the end is older than any token lives"],
  failed: ["bad", "Sessions were not revoked", "Revoking failed: see the log of the app"],
};

const ends: Readonly<Record<OutcomeNews["end"], string>> = {
  expired: "expired",
  deactivated: "deactivated by the person",
  removed: "removed",
  unknown: "ended",
};

const userLink = (cloud: GraphCloud, id: string): Worded["link"] => ({
  label: "Open the user in Entra",
  url: `${adminCenters[cloud]}${adminCenterPaths.user}${encodeURIComponent(id)}`,
});

/** The text about one outcome. Pure. */
export function wordOutcome(news: OutcomeNews, cloud: GraphCloud): Worded {
  const [, title] = titles[news.outcome];
  const outlives = outlivesOf(news);
  return {
    title,
    tone: toneOf(news),
    facts: [
      { label: "Who", text: whoOf(news) },
      { label: "Privilege", text: privilegeOf(news) },
      { label: "Ended", text: `${timeOf(news.endedAt)} (${ends[news.end]})` },
      { label: "Done", text: doneOf(news) },
      ...(outlives === null ? [] : [{ label: "Not cut", text: outlives }]),
      ...reasonOf(news),
    ],
    lines: [],
    link: userLink(cloud, news.principalId),
  };
}

/** The most ends that a digest shows by name; the others are counted. */
export const mostLines = 15;

const rank = { bad: 0, neutral: 1, good: 2 } as const;
const toneOf = ({ outcome, verified }: OutcomeNews): Worded["tone"] =>
  outcome === "revoked" && !verified ? "bad" : titles[outcome][0];

/** The worst outcomes first, then by time. */
export const digestOrder = (a: OutcomeNews, b: OutcomeNews): number =>
  rank[toneOf(a)] - rank[toneOf(b)] || a.endedAt - b.endedAt;

/** The text about many outcomes, which are already in `digestOrder`: the number of each outcome, and the first ends by name. Pure. */
export function wordDigest(all: readonly OutcomeNews[]): Worded {
  const counts = Map.groupBy(all, ({ outcome }) => outcome);
  const left = all.length - mostLines;
  return {
    title: `${all.length} privileges ended within a minute`,
    tone: all.some((news) => toneOf(news) === "bad") ? "bad" : "good",
    facts: [...counts].map(([outcome, { length }]) => ({ label: titles[outcome][1], text: String(length) })),
    lines: [
      ...all.slice(0, mostLines).map((news) => `${titles[news.outcome][1]}: ${whoOf(news)}, ${privilegeOf(news)}`),
      ...(left > 0 ? [`and ${left} more, which the status page shows`] : []),
    ],
    link: null,
  };
}

/** The text about an alarm: its meaning, and its place in the runbook. Pure. */
export const wordAlarm = ({ alarm, principalId, at }: AlarmNews, cloud: GraphCloud): Worded => ({
  title: "pim-cutoff needs a person",
  tone: "bad",
  facts: [
    { label: "Alarm", text: alarm },
    { label: "Meaning", text: alarms[alarm].replaceAll("`", "") },
    { label: "When", text: timeOf(at) },
    ...(principalId === null ? [] : [{ label: "Who", text: principalId }]),
    { label: "What to do", text: "See this alarm in docs/operate.md, and the log of the app" },
  ],
  lines: [],
  link: principalId === null ? null : userLink(cloud, principalId),
});

/** The text of a test message, by which a person sees that a channel works. */
export const wordTest: Worded = {
  title: "A test of this channel",
  tone: "good",
  facts: [{ label: "From", text: "pim-cutoff. This is only a test: nothing has ended" }],
  lines: [],
  link: null,
};

function whoOf({ user, principalId }: OutcomeNews): string {
  const name = user === null ? "" : plainLine(user);
  return name === "" ? principalId : `${name} (${principalId})`;
}

/** The privilege in text for people, also in the mail to the user who had it. */
export function privilegeOf({ privilege: { kind, id, name, scope } }: Pick<OutcomeNews, "privilege">): string {
  const called = plainLine(name ?? "") || plainLine(id);
  if (kind === "rule") return `none: ${called}`;
  if (kind !== "role") return `${kind === "owner" ? "ownership" : "membership"} of the group ${called}`;
  return scope === null ? called : `${called} in ${plainLine(scope, 120)}`;
}

/** The most characters of a reason and of a ticket that a message shows: PIM allows more than readers need. */
const longestReason = 200;
const longestTicket = 60;

function reasonOf({ reason }: OutcomeNews): Worded["facts"] {
  const justification = plainLine(reason?.justification ?? "", longestReason);
  const ticket = plainLine(reason?.ticket ?? "", longestTicket);
  return [
    ...(justification === "" ? [] : [{ label: "Reason given", text: justification }]),
    ...(ticket === "" ? [] : [{ label: "Ticket", text: ticket }]),
  ];
}

function doneOf({ outcome, verified, revokedAfter }: OutcomeNews): string {
  const [, , done] = titles[outcome];
  if (outcome !== "revoked") return done;
  return `${done}${revokedAfter === null ? "" : soonAfter(revokedAfter)}${verified ? ", and read back" : ", but the read-back has not shown it"}`;
}

/** Graph's times are whole seconds, so a true span is less than one second longer than their difference. */
const soonAfter = (milliseconds: number): string =>
  milliseconds < 1000
    ? " within a second after the end was seen"
    : ` within ${Math.floor(milliseconds / 1000) + 1} s after the end was seen`;

function outlivesOf({ outlives }: OutcomeNews): string | null {
  if (outlives === null) return null;
  return (
    `Access tokens of clients without continuous access evaluation live until ${timeOf(outlives.accessTokensUntil)} at the latest; ` +
    "sessions that an application keeps by its own cookie, until that application ends them"
  );
}

/** `2026-01-05 09:01:02 UTC`. */
export const timeOf = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/**
 * Names may be chosen by the very users who are cut, or by others who may edit them. Each name becomes one short plain line here, before any format
 * uses it: no link, no mention, no markup, no invisible character. Each format then escapes its own special characters as well.
 */

/** Characters that start markup, a mention or a template in some format, each with a similar character that has no such effect. */
const harmless: ReadonlyMap<string, string> = new Map([
  ["<", "\u2039"],
  [">", "\u203a"],
  ["@", "\uff20"],
  ["`", "'"],
  ["[", "("],
  ["]", ")"],
  ["{", "("],
  ["}", ")"],
  ["*", "\u2217"],
  ["|", "\u00a6"],
  ["\\", "/"],
  ["#", "\uff03"],
  ["~", "-"],
]);
const special = /[<>@`[\]{}*|\\#~]/g;

const longestName = 80;

/** One line of plain text, cut to `most` characters. Empty when no visible character is left. Pure. */
export function plainLine(text: string, most = longestName): string {
  const visible = text
    .normalize("NFC")
    // Format characters (bidirectional controls, zero widths, tags), lone surrogates, private and unassigned ones.
    .replace(/[\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, "")
    .replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    // Many accents on one letter would cover the lines above and below.
    .replace(/(\p{M}{3})\p{M}+/gu, "$1")
    .replace(special, (character) => harmless.get(character) ?? "");
  return cut(withoutLinks(visible).trim(), most);
}

/** Clients turn text that resembles an address into a link. So a dot or a colon inside a word becomes a similar character that no address has. */
const withoutLinks = (text: string): string =>
  text.replace(/(?<=[^\s.])\.(?=[^\s.])/gu, "\u2024").replace(/:(?=\S)/gu, "\u2236");

function cut(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most
    ? text
    : `${characters
        .slice(0, most - 1)
        .join("")
        .trimEnd()}\u2026`;
}

/** For Slack, which knows three special characters (Slack docs: formatting text for app surfaces). */
export const escapeSlack = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** For HTML, inside elements and quoted attributes. */
export const escapeHtml = (text: string): string =>
  escapeSlack(text).replaceAll('"', "&quot;").replaceAll("'", "&#39;");
