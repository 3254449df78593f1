import type { Mail } from "./mail.ts";
import { nameOr } from "./mail.ts";
import { escapeHtml } from "./untrusted.ts";
import { timeOf } from "./wording.ts";

export interface MailFacts {
  /** Untrusted, as the privilege is. */
  readonly name: string | null;
  /** As `privilegeOf` writes it. */
  readonly privilege: string;
  /** Graph's time, epoch milliseconds. */
  readonly endsAt: number;
  /** Somebody else reads it: the manager. */
  readonly toManager: boolean;
  /** A page of the organisation; null for none. */
  readonly helpUrl: string | null;
}
type Text = Pick<Mail, "subject" | "text" | "html">;

/** There is no link to sign in, in any mail: whoever learns to follow one follows the next one, too. */
const noLink =
  "This message has no link to sign in, and nobody will ask you for your password because of it. Open your applications as you always do.";

/** After the end. Pure. */
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

/** Before the end. Pure. */
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
  const body = all.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join("\n");
  return {
    subject,
    text: all.join("\n\n"),
    html: `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head><body>\n${body}\n</body></html>`,
  };
}
