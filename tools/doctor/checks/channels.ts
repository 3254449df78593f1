import { randomUUID } from "node:crypto";
import { createChannel, createPost, sendBy, type Ways } from "../../../shared/notify/channel.ts";
import { testContent } from "../../../shared/notify/formats.ts";
import { connectMail } from "../../../shared/notify/mail-client.ts";
import { countUndelivered, stoppedChannels } from "../../../shared/notify/undelivered.ts";
import { wordTest } from "../../../shared/notify/wording.ts";
import type { ChannelSettings, MailSettings } from "../../../shared/settings/settings.ts";
import { isStorageError } from "../../../shared/storage/table.ts";
import { type Finding, good } from "../finding.ts";
import type { Patient } from "../patient.ts";

type Seen = Pick<Patient, "settings" | "state" | "credential">;

const check = "channels";
const longest = 10_000;

/** The scope of a token for Azure Communication Services (Azure docs: authenticate to Azure Communication Services). */
const mailScope = "https://communication.azure.com//.default";

/** The receivers of outcomes and alarms: whether their servers answer, and which messages they did not take. Nothing is sent. A URL is a secret, so only the number of its channel is shown. */
export async function checkChannels(patient: Seen): Promise<readonly Finding[]> {
  const { notify } = patient.settings;
  if (notify === null) return [good(check, "no channel is set: outcomes are sent to no one")];
  const findings: Finding[] = [];
  for (const channel of notify.channels) findings.push(await reach(channel));
  if (mailOf(patient) !== null) findings.push(await mailToken(patient));
  findings.push(...(await parked(patient)));
  return findings;
}

const nameOf = ({ number, format }: Pick<ChannelSettings, "number" | "format">): string =>
  number === 0 ? "the webhook (channel 0)" : `channel ${number} (${format})`;

/** The resource that sends mails to people or to channels; null when none are sent. */
const mailOf = ({ settings: { notify } }: Pick<Seen, "settings">): MailSettings | null =>
  notify?.person?.mail ?? notify?.channels.find((channel) => channel.format === "mail")?.mail ?? null;

const settingOf = (number: number, part: string): string =>
  number === 0 ? `NOTIFY_WEBHOOK_${part}` : `NOTIFY_${number}_${part}`;

/** Whether a server answers there. Receivers take only POST, so any status counts as an answer. */
async function reach(channel: ChannelSettings): Promise<Finding> {
  try {
    const signal = AbortSignal.timeout(longest);
    const { origin } = new URL(channel.format === "mail" ? channel.mail.endpoint : channel.url);
    const response = await fetch(origin, { method: "HEAD", redirect: "manual", signal });
    await response.body?.cancel();
    return good(
      check,
      `the server of ${nameOf(channel)} answers; whether it takes messages: npm run doctor -- --send-test`,
    );
  } catch (error) {
    return {
      check,
      state: "bad",
      what: `The server of ${nameOf(channel)} does not answer from here (${codeOf(error)}).`,
      why: "Messages to this channel are tried for a day and a half, then parked.",
      fix: `Check the host in ${channel.format === "mail" ? "NOTIFY_MAIL_ENDPOINT" : settingOf(channel.number, "URL")}, its certificate, and whether a firewall lets the app out`,
    };
  }
}

async function mailToken({ credential, settings }: Seen): Promise<Finding> {
  if (mailOf({ settings })?.endpoint.startsWith("http:")) return good(check, "mails go to a receiver on this machine");
  try {
    await credential.getToken(mailScope);
    return good(check, "the app's identity gets a token for Azure Communication Services");
  } catch (error) {
    return {
      check,
      state: "bad",
      what: `No token for Azure Communication Services (${codeOf(error)}).`,
      why: "Nobody gets a mail: neither people who are signed out nor channels of the format mail.",
      fix: "Run the doctor under the app's identity, and give it the role Communication and Email Service Owner on the resource",
    };
  }
}

async function parked({ state }: Seen): Promise<readonly Finding[]> {
  try {
    const [stopped, { notices }] = [await stoppedChannels(state), await countUndelivered(state)];
    const findings: Finding[] = stopped.map((number) => ({
      check,
      state: "bad",
      what: `The receiver of channel ${number} answered 410: nothing is sent to it.`,
      why: "The receiver takes no more messages, e.g. because its Slack channel was archived or its workflow deleted.",
      fix: `Mend the receiver or change ${settingOf(number, "URL")}, then POST /api/operations/redrive`,
    }));
    if (notices === 0) return findings;
    return [
      ...findings,
      {
        check,
        state: "warning",
        what: `${notices === 1 ? "1 outcome is" : `${notices} outcomes are`} parked, since a channel did not take ${notices === 1 ? "it" : "them"}.`,
        why: "The receiver did not get them.",
        fix: "See the alarms noticeParked for channel and code, mend the receiver, then POST /api/operations/redrive",
      },
    ];
  } catch (error) {
    if (!isStorageError(error)) throw error;
    return [{ check, state: "unknown", what: `What channels did not take cannot be read (${error.code}).` }];
  }
}

/** Sends one test message to each channel. */
export async function sendTests({
  settings,
  clock,
  credential,
}: Pick<Patient, "settings" | "clock" | "credential">): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const ways: Ways = {
    markUrl: () => "",
    postTo: (url) => createPost(url, fetch),
    mailBy: (mail) => connectMail(mail, credential),
    newId: randomUUID,
  };
  for (const channel of settings.notify?.channels ?? []) {
    const now = clock.now();
    const { status, delivered } = await sendBy(createChannel(channel, ways).form, testContent(now), wordTest, now)();
    findings.push(
      delivered ? good(check, `${nameOf(channel)} took a test message (${status})`) : refused(channel, status),
    );
  }
  return findings;
}

/** The usual cause of a wrong answer, by its status. */
const causes: Readonly<Record<number, string>> = {
  0: "No answer within 15 s, or the connection failed",
  400: "The receiver understands another format",
  401: "The URL is not complete, or its signature is too old",
  403: "The receiver refuses: in Slack an administrator forbade it, in Teams the workflow allows only other senders",
  404: "The webhook or workflow was deleted",
  410: "The receiver takes no more messages: the Slack channel was archived, or the webhook removed",
};

const noRole = "The identity has no role on the resource: give it Communication and Email Service Owner";

/** The same of Azure Communication Services (Azure docs: email error codes; a domain that is not linked is a 404). */
const mailCauses: Readonly<Record<number, string>> = {
  0: "No token, no answer, or the connection failed",
  400: "Azure takes no mail from this sender, or to one of these addresses",
  401: noRole,
  403: noRole,
  404: "The domain of NOTIFY_MAIL_SENDER is not linked to the resource",
  429: "The domain has sent its mails of this hour: Azure's own domains are limited to a few",
};

function refused(channel: ChannelSettings, status: number): Finding {
  const { number, format } = channel;
  const isMail = format === "mail";
  const cause = (isMail ? mailCauses : causes)[status] ?? "See the receiver's own log";
  const where = isMail
    ? `NOTIFY_MAIL_ENDPOINT, NOTIFY_MAIL_SENDER and ${settingOf(number, "TO")}`
    : `${settingOf(number, "URL")} and ${settingOf(number, "FORMAT")}`;
  return {
    check,
    state: "bad",
    what: `${nameOf(channel)} did not take a test message (${status === 0 ? "no answer" : status}).`,
    why: "It will not take outcomes either: they are parked.",
    fix: `${cause}. Check ${where}: docs/notifications.md`,
  };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { cause } = error;
  if (typeof cause === "object" && cause !== null && "code" in cause) return String(cause.code);
  return error.name;
}
