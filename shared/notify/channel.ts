import type { ChannelSettings } from "../settings/settings.ts";
import { createPost, type PostMessage } from "./post.ts";
import { toSlackBody } from "./slack.ts";
import { type OutgoingMessage, type StandardContent, toJsonMessage, toStandardMessage } from "./standard.ts";
import { toTeamsBody } from "./teams.ts";
import type { Worded } from "./wording.ts";

/** A receiver with the way to it. */
export interface Channel extends Pick<ChannelSettings, "number" | "filter"> {
  readonly form: Form;
  readonly post: PostMessage;
  /** Tells this URL from another without showing it: a stop counts for the URL that asked for it. */
  readonly urlMark: string;
}

/** Systems are told each outcome by itself, signed; people are told in words, many ends at once. */
export type Form =
  | { readonly for: "systems"; readonly write: (content: StandardContent, sentAt: number) => OutgoingMessage }
  | { readonly for: "people"; readonly write: (worded: Worded) => OutgoingMessage };

/** @param markUrl what tells URLs apart and shows none of them */
export const createChannel = (
  { number, filter, url, ...settings }: ChannelSettings,
  markUrl: (url: string) => string,
  fetch: typeof globalThis.fetch,
): Channel => ({ number, filter, form: formOf(settings), post: createPost(url, fetch), urlMark: markUrl(url) });

function formOf({ format, secrets }: Pick<ChannelSettings, "format" | "secrets">): Form {
  switch (format) {
    case "standard":
      return { for: "systems", write: (content, sentAt) => toStandardMessage(content, secrets, sentAt) };
    case "teams":
      return { for: "people", write: (worded) => toJsonMessage(toTeamsBody(worded)) };
    case "slack":
      return { for: "people", write: (worded) => toJsonMessage(toSlackBody(worded)) };
  }
}

/** The message in the form that the receiver takes. Pure. */
export const messageFor = (form: Form, content: StandardContent, worded: Worded, sentAt: number): OutgoingMessage =>
  form.for === "systems" ? form.write(content, sentAt) : form.write(worded);
