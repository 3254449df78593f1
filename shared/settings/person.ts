import { z } from "zod";
import { minute } from "../base/clock.ts";
import { mailChannels } from "./channels.ts";
import { isLoopback, publicUrl, webhookUrl } from "./connections.ts";
import { oneOf, optional, wholeNumber, withDefault } from "./fields.ts";
import type { MailSettings, PersonSettings, RawSettings, SettingProblem } from "./settings.ts";

export const personFields = {
  NOTIFY_PERSON: withDefault("off", oneOf("off", "after", "beforeAndAfter"), {
    meaning:
      "mails to [the person who was signed out](notifications.md#tell-the-person): `off`, `after` the end, or `beforeAndAfter`",
  }),
  NOTIFY_PERSON_TO: withDefault("mail", oneOf("mail", "otherMails", "manager"), {
    meaning:
      "which address of the directory: the person's `mail` or `otherMails`, or the mail of the `manager`. Administrator accounts often have no mailbox",
  }),
  NOTIFY_PERSON_MINUTES: withDefault(10, wholeNumber("minutes", 2, 60), {
    meaning: "minutes before an announced end at which the person gets the first mail",
  }),
  NOTIFY_PERSON_HELP_URL: optional(webhookUrl(), {
    meaning:
      "a page of your own that every mail names, e.g. [why-was-i-signed-out.md](why-was-i-signed-out.md) in your words",
    expected: "nothing, or an https URL without a user name",
    example: "https://intranet.contoso.example/signed-out",
  }),
  NOTIFY_MAIL_ENDPOINT: optional(publicUrl(), {
    meaning:
      "the Azure Communication Services resource that sends the mails to people and to channels of the format `mail`, as the app's identity",
    expected: "the https origin of an Azure Communication Services resource",
    example: "https://contoso.europe.communication.azure.com",
    setBy: "deployment",
  }),
  NOTIFY_MAIL_SENDER: optional(z.email(), {
    meaning: "the address of its domain that the mails come from",
    expected: "a mail address",
    example: "DoNotReply@contoso.example",
    setBy: "deployment",
  }),
};

type Values = z.infer<z.ZodObject<typeof personFields>>;

/** The resource that sends mails; null when the settings name none. */
export const toMail = ({
  NOTIFY_MAIL_ENDPOINT: endpoint,
  NOTIFY_MAIL_SENDER: sender,
}: Pick<Values, "NOTIFY_MAIL_ENDPOINT" | "NOTIFY_MAIL_SENDER">): MailSettings | null =>
  endpoint === undefined || sender === undefined ? null : { endpoint, sender };

/** Null when no person gets a mail, or when no resource can send it; `mailRelations` reports the latter before. */
export function toPerson(values: Values, mail: MailSettings | null): PersonSettings | null {
  const { NOTIFY_PERSON: when } = values;
  if (when === "off" || mail === null) return null;
  return {
    before: when === "after" ? null : values.NOTIFY_PERSON_MINUTES * minute,
    to: values.NOTIFY_PERSON_TO,
    helpUrl: values.NOTIFY_PERSON_HELP_URL ?? null,
    mail,
  };
}

const resource = [
  [
    "NOTIFY_MAIL_ENDPOINT",
    "the Azure Communication Services resource that sends the mails",
    "https://contoso.europe.communication.azure.com",
  ],
  ["NOTIFY_MAIL_SENDER", "the address that the mails come from", "DoNotReply@contoso.example"],
] as const;

/** Mails need a resource that sends them. The mail package knows the public cloud alone: its tokens are for `communication.azure.com`. */
export function mailRelations(raw: RawSettings): readonly SettingProblem[] {
  const { NOTIFY_PERSON = "off", GRAPH_CLOUD = "global" } = raw;
  const wanting = [
    ...(NOTIFY_PERSON.toLowerCase() === "off" ? [] : [{ setting: "NOTIFY_PERSON", is: "is not off", instead: "off" }]),
    ...mailChannels(raw).map((number) => ({ setting: `NOTIFY_${number}_FORMAT`, is: "is mail", instead: "teams" })),
  ];
  const [first] = wanting;
  if (first === undefined) return [];
  const problems: SettingProblem[] = resource
    .filter(([setting]) => raw[setting] === undefined)
    .map(([setting, expected, example]) => ({
      setting,
      found: "nothing",
      expected: `${expected}, because ${first.setting} ${first.is}`,
      example,
    }));
  const endpoint = URL.parse(raw.NOTIFY_MAIL_ENDPOINT ?? "");
  if (GRAPH_CLOUD.toLowerCase() === "global" || (endpoint !== null && isLoopback(endpoint))) return problems;
  return [
    ...problems,
    ...wanting.map(({ setting, instead }) => ({
      setting,
      found: "mails in a cloud in which the app cannot send any",
      expected: `${instead === "off" ? "off" : "another format"}, because GRAPH_CLOUD is not global: the app sends mails in the public cloud alone`,
      example: instead,
    })),
  ];
}
