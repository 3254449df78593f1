import { createHash } from "node:crypto";
import { escapeHtml, plainLine, timeOf, type Worded } from "./wording.ts";

/** One mail to a person, or to a channel. */
export interface Mail {
  /** A UUID under which Azure shows the state of the mail. No document says how Azure treats a second mail with the same id, so nothing relies on that. */
  readonly operationId: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The result of one try. `later` and `refused`: certainly not sent. `uncertain`: perhaps sent. */
export type MailResult =
  | { readonly kind: "taken" }
  /** `status`: 0 when no answer came. `retryAfter`: the wait that Azure asked for, milliseconds; null when it asked for none. */
  | { readonly kind: "later"; readonly code: string; readonly status: number; readonly retryAfter: number | null }
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "uncertain" };

export type SendMail = (mail: Mail) => Promise<MailResult>;

/** Milliseconds of a `Retry-After` in whole seconds; null for anything else. */
export const secondsOf = (header: string | null | undefined): number | null =>
  /^\d{1,6}$/.test(header ?? "") ? Number(header) * 1000 : null;

/** A UUID made of what the mail is about: the same parts give the same UUID. */
export function operationIdOf(...about: readonly string[]): string {
  const hex = createHash("sha256").update(about.join("|")).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

const address = /^[^\s@<>()[\]\\,;:"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/;
const mostRecipients = 5;

/** The addresses from a directory to which a mail can be sent. */
export const usableAddresses = (addresses: readonly string[]): readonly string[] =>
  [...new Set(addresses.filter((one) => address.test(one)))].slice(0, mostRecipients);

/** A name for use inside a sentence; `otherwise` when the person has none. */
const nameOr = (name: string | null, otherwise: string): string => plainLine(name ?? "") || otherwise;

export interface MailFacts {
  /** Untrusted, as the privilege is. */
  readonly name: string | null;
  /** As `privilegeOf` writes it. */
  readonly privilege: string;
  /** Graph's time, epoch milliseconds. */
  readonly endsAt: number;
  /** The mail goes to the manager instead of the user. */
  readonly toManager: boolean;
  /** A page of the organisation; null for none. */
  readonly helpUrl: string | null;
}
type Text = Pick<Mail, "subject" | "text" | "html">;

/** No mail has a link to sign in: users who learn to follow such a link would also follow an attacker's. */
const noLink =
  "This message has no link to sign in, and nobody will ask you for your password because of it. Open your applications as you always do.";

/** The mail after the end of a privilege. Pure. */
export function wordAfter({
  end,
  cutAt,
  ...facts
}: MailFacts & { readonly end: string; readonly cutAt: number }): Text {
  const who = facts.toManager ? `${nameOr(facts.name, "A person who reports to you")}` : null;
  const whose = who === null ? "Your" : `${who}:`;
  const paragraphs = [
    who === null
      ? `Your privilege "${facts.privilege}" ${end} at ${timeOf(facts.endsAt)}.`
      : `The privilege "${facts.privilege}" of ${who} ${end} at ${timeOf(facts.endsAt)}.`,
    `Tokens from before still carried it, so all sign-in sessions of ${who === null ? "your account" : "the account"} were ended at ${timeOf(cutAt)}. Nothing is wrong with the account.`,
    who === null
      ? "Sign in again to go on with your work. If you still need the privilege, activate it again in Privileged Identity Management."
      : "They can sign in again to go on, and activate the privilege again in Privileged Identity Management if they still need it.",
  ];
  return mailOf(`${whose} session ended because a privilege ended`, paragraphs, facts);
}

/** The mail before the end of a privilege. Pure. */
export function wordBefore({ minutes, ...facts }: MailFacts & { readonly minutes: number }): Text {
  const who = facts.toManager ? nameOr(facts.name, "A person who reports to you") : null;
  const left = `${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
  const paragraphs = [
    `${who === null ? "Your privilege" : `The privilege of ${who}`} "${facts.privilege}" ends in ${left}, at ${timeOf(facts.endsAt)}.`,
    `All sign-in sessions of ${who === null ? "your account" : "the account"} end with it. Save your work before.`,
    "If it is still needed, extend it or activate it again in Privileged Identity Management.",
  ];
  return mailOf(`${who === null ? "Your privilege" : "A privilege"} ends in ${left}`, paragraphs, facts);
}

function mailOf(subject: string, paragraphs: readonly string[], { helpUrl, toManager }: MailFacts): Text {
  const help = helpUrl === null ? [] : [`Why this happens: ${helpUrl}`];
  const all = [...paragraphs, ...(toManager ? [] : [noLink]), ...help];
  return {
    subject,
    text: all.join("\n\n"),
    html: pageOf(
      subject,
      all.map((one) => `<p>${escapeHtml(one)}</p>`),
    ),
  };
}

const pageOf = (title: string, parts: readonly string[]): string =>
  `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head><body>\n${parts.join("\n")}\n</body></html>`;

/** A message to a channel of the format `mail`. The address of its only link is shown as text, so that the reader sees it before a click. Pure. */
export function wordNews({ title, tone, facts, lines, link }: Worded): Text {
  const subject = `[pim-cutoff] ${tone === "bad" ? "Attention: " : ""}${title}`;
  const links = link === null ? [] : [{ label: link.label, text: link.url }];
  const labelled = (all: readonly { readonly label: string; readonly text: string }[]) =>
    all.map(({ label, text }) => `${label}: ${text}`);
  const text = [...labelled(facts), ...lines.map((line) => `- ${line}`), ...labelled(links)].join("\n");
  const items = lines.length === 0 ? [] : [`<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul>`];
  const html = [
    ...facts.map(({ label, text }) => `<p><strong>${escapeHtml(label)}:</strong> ${escapeHtml(text)}</p>`),
    ...items,
    ...links.map(({ label, text }) => `<p>${escapeHtml(label)}: ${escapeHtml(text)}</p>`),
  ];
  return { subject, text, html: pageOf(subject, html) };
}
