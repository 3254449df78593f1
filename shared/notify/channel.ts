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

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Waits after failed deliveries; after the last one, a day and a half after the outcome, the message is parked. */
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

/** A part of the wait that is drawn, so that messages which failed together do not come back together. */
const jitter = 0.2;

/** Statuses of 4xx that say "later": time-out, too early, too many requests. */
const later: ReadonlySet<number> = new Set([408, 425, 429]);

/** What follows from one delivery. */
type Next =
  | { readonly kind: "delivered" }
  | { readonly kind: "retry"; readonly wait: number }
  /** `stops`: the receiver wants no more (410, Standard Webhooks), so the whole channel waits for a person. */
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

/** A receiver with the way to it. */
export interface Channel extends Pick<ChannelSettings, "number" | "filter"> {
  readonly form: Form;
  /** Tells where it goes from another place without showing it: a stop counts for the URL that asked for it. */
  readonly urlMark: string;
}

/** Systems are told each outcome by itself, signed; people are told in words, many ends at once. */
export type Form =
  | { readonly for: "systems"; readonly send: (content: StandardContent, sentAt: number) => Promise<Delivery> }
  | { readonly for: "people"; readonly send: (worded: Worded) => Promise<Delivery> };

/** How messages leave. */
export interface Ways {
  /** What tells URLs apart and shows none of them. */
  readonly markUrl: (url: string) => string;
  /** The way to a URL; never throws. */
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
      // Each try is an operation of its own: no document says that Azure takes a second one with the same id for the first, or that it takes it at all.
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

/** What sends the message in the form that the receiver takes. */
export const sendBy =
  (form: Form, content: StandardContent, worded: Worded, sentAt: number): (() => Promise<Delivery>) =>
  () =>
    form.for === "systems" ? form.send(content, sentAt) : form.send(worded);

/** What came of one delivery: its status, or `0` when no answer came. */
export interface Delivery {
  readonly status: number;
  readonly delivered: boolean;
  /** What the receiver asked to wait, milliseconds; null when it said nothing. */
  readonly retryAfter: number | null;
}

export type PostMessage = (message: OutgoingMessage) => Promise<Delivery>;

/** Milliseconds; receivers are to answer within 15 to 30 s (Standard Webhooks). */
const timeout = 15_000;

/** Only a 2xx is a delivery. Redirects are not followed: the message goes where the setting says and nowhere else. */
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
      // No answer, for whatever reason: it may have been delivered, and is sent again under the same id.
      return { status: 0, delivered: false, retryAfter: null };
    }
  };
