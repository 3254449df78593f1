import { hour, minute, second } from "../base/clock.ts";
import type { ChannelSettings, MailSettings } from "../settings/settings.ts";
import {
  type OutgoingMessage,
  type StandardContent,
  toJsonMessage,
  toSlackBody,
  toStandardMessage,
  toTeamsBody,
} from "./formats.ts";
import { type MailResult, type SendMail, secondsOf, wordNews } from "./mail.ts";
import type { Worded } from "./wording.ts";

/** Waits after failed deliveries. After the last wait, a day and a half after the outcome, the message is parked. */
const retryWaits = [
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  18 * hour,
];

const longestAsked = 24 * hour;

/** The random part of a wait, as a share: messages that failed together are not sent together again. */
const jitter = 0.2;

/** The 4xx statuses after which a later delivery may succeed: time-out, too early, too many requests. */
const later: ReadonlySet<number> = new Set([408, 425, 429]);

/** The next step after one delivery. */
type Next =
  | { readonly kind: "delivered" }
  | { readonly kind: "retry"; readonly wait: number }
  /** `stops`: the receiver wants no more messages (410, Standard Webhooks). The channel then stays stopped until an operator acts. */
  | { readonly kind: "park"; readonly code: string; readonly stops: boolean };

/** @param tries deliveries that failed before. @param random in [0, 1). Pure. */
export function afterDelivery({ status, delivered, retryAfter }: Delivery, tries: number, random: number): Next {
  if (delivered) return { kind: "delivered" };
  const wait = retryWaits[tries];
  const isRefused = status >= 400 && status < 500 && !later.has(status);
  if (wait === undefined || isRefused) return { kind: "park", code: `HTTP_${status}`, stops: status === 410 };
  const asked = Math.min(retryAfter ?? 0, longestAsked);
  return { kind: "retry", wait: Math.max(Math.round(wait * (1 + jitter * random)), asked) };
}

/** A receiver, and the function that sends to it. */
export interface Channel extends Pick<ChannelSettings, "number" | "filter"> {
  readonly form: Form;
  /** A hash of the address. It shows that the address has changed, but not the address: a stop applies only to the URL that answered 410. */
  readonly urlMark: string;
}

/** Systems get one signed message for each outcome. People get text, with many outcomes in one message. */
export type Form =
  | { readonly for: "systems"; readonly send: (content: StandardContent, sentAt: number) => Promise<Delivery> }
  | { readonly for: "people"; readonly send: (worded: Worded) => Promise<Delivery> };

/** The functions that send messages. */
export interface Ways {
  /** A keyed hash: different URLs have different marks, and a mark does not show its URL. */
  readonly markUrl: (url: string) => string;
  /** A function that posts to this URL and never throws. */
  readonly postTo: (url: string) => PostMessage;
  readonly mailBy: (mail: MailSettings) => SendMail;
  /** A UUID. */
  readonly newId: () => string;
}

export function createChannel(settings: ChannelSettings, ways: Ways): Channel {
  const { number, filter, format } = settings;
  const place = format === "mail" ? `${settings.mail.endpoint} ${settings.to.join()}` : settings.url;
  return { number, filter, form: formOf(settings, ways), urlMark: ways.markUrl(place) };
}

function formOf(settings: ChannelSettings, { postTo, mailBy, newId }: Ways): Form {
  if (settings.format === "mail") {
    const { to, mail } = settings;
    const send = mailBy(mail);
    return {
      for: "people",
      // Each try has an id of its own. No document says how Azure treats a second mail with the same operation id.
      send: async (worded) => deliveryOf(await send({ ...wordNews(worded), to, operationId: newId() })),
    };
  }
  const post = postTo(settings.url);
  switch (settings.format) {
    case "standard":
      return { for: "systems", send: (content, sentAt) => post(toStandardMessage(content, settings.secrets, sentAt)) };
    case "teams":
      return { for: "people", send: (worded) => post(toJsonMessage(toTeamsBody(worded))) };
    case "slack":
      return { for: "people", send: (worded) => post(toJsonMessage(toSlackBody(worded))) };
  }
}

function deliveryOf(result: MailResult): Delivery {
  switch (result.kind) {
    case "taken":
      return { status: 202, delivered: true, retryAfter: null };
    case "later":
      return { status: result.status, delivered: false, retryAfter: result.retryAfter };
    case "refused":
      return { status: result.status, delivered: false, retryAfter: null };
    case "uncertain":
      return { status: 0, delivered: false, retryAfter: null };
  }
}

/** A function that sends the message in the form that the receiver accepts. */
export const sendBy =
  (form: Form, content: StandardContent, worded: Worded, sentAt: number): (() => Promise<Delivery>) =>
  () =>
    form.for === "systems" ? form.send(content, sentAt) : form.send(worded);

/** The result of one delivery. `status` is `0` when no answer came. */
export interface Delivery {
  readonly status: number;
  readonly delivered: boolean;
  /** The wait that the receiver asked for, milliseconds; null when it asked for none. */
  readonly retryAfter: number | null;
}

export type PostMessage = (message: OutgoingMessage) => Promise<Delivery>;

/** Milliseconds. Standard Webhooks recommends a time-out of 15 to 30 s. */
const timeout = 15_000;

/** Only a 2xx counts as delivered. Redirects are not followed: the message goes only to the configured URL. */
export const createPost =
  (url: string, fetch: typeof globalThis.fetch): PostMessage =>
  async ({ headers, body }) => {
    try {
      const signal = AbortSignal.timeout(timeout);
      const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
      await response.body?.cancel();
      const retryAfter = secondsOf(response.headers.get("retry-after"));
      return { status: response.status, delivered: response.ok, retryAfter };
    } catch {
      // No answer. The message may have been delivered; it is sent again with the same id.
      return { status: 0, delivered: false, retryAfter: null };
    }
  };
