import { z } from "zod";
import { isLoopback, publicUrl, webhookUrl } from "./connections.ts";
import { oneOf, optional, wholeNumber, withDefault } from "./fields.ts";
import type { PersonSettings, RawSettings, SettingProblem } from "./settings.ts";

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
    meaning: "minutes before an announced end at which the person is told",
  }),
  NOTIFY_PERSON_HELP_URL: optional(webhookUrl(), {
    meaning:
      "a page of your own that every mail names, e.g. [why-was-i-signed-out.md](why-was-i-signed-out.md) in your words",
    expected: "nothing, or an https URL without a user name",
    example: "https://intranet.contoso.example/signed-out",
  }),
  NOTIFY_MAIL_ENDPOINT: optional(publicUrl(), {
    meaning: "the Azure Communication Services resource that sends the mails, as the app's identity",
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
const minute = 60_000;

/** Null when nobody is to be told, or not by what; `personRelations` reports the latter before. */
export function toPerson(values: Values): PersonSettings | null {
  const { NOTIFY_PERSON: when, NOTIFY_MAIL_ENDPOINT: endpoint, NOTIFY_MAIL_SENDER: sender } = values;
  if (when === "off" || endpoint === undefined || sender === undefined) return null;
  return {
    before: when === "after" ? null : values.NOTIFY_PERSON_MINUTES * minute,
    to: values.NOTIFY_PERSON_TO,
    helpUrl: values.NOTIFY_PERSON_HELP_URL ?? null,
    mail: { endpoint, sender },
  };
}

/** Mails need a resource that sends them. The mail package knows the public cloud alone: its tokens are for `communication.azure.com`. */
export function personRelations(raw: RawSettings): readonly SettingProblem[] {
  const { NOTIFY_PERSON = "off", GRAPH_CLOUD = "global" } = raw;
  if (NOTIFY_PERSON.toLowerCase() === "off") return [];
  const missing = [
    [
      "NOTIFY_MAIL_ENDPOINT",
      "the Azure Communication Services resource that sends the mails",
      "https://contoso.europe.communication.azure.com",
    ],
    ["NOTIFY_MAIL_SENDER", "the address that the mails come from", "DoNotReply@contoso.example"],
  ] as const;
  const problems: SettingProblem[] = missing
    .filter(([setting]) => raw[setting] === undefined)
    .map(([setting, expected, example]) => ({
      setting,
      found: "nothing",
      expected: `${expected}, because NOTIFY_PERSON is not off`,
      example,
    }));
  const endpoint = URL.parse(raw.NOTIFY_MAIL_ENDPOINT ?? "");
  if (GRAPH_CLOUD.toLowerCase() !== "global" && !(endpoint !== null && isLoopback(endpoint))) {
    problems.push({
      setting: "NOTIFY_PERSON",
      found: "mails in a cloud in which the app cannot send any",
      expected: `off, because GRAPH_CLOUD is not global: the app sends mails in the public cloud alone`,
      example: "off",
    });
  }
  return problems;
}
