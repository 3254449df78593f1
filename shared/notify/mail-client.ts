// The one file that knows the mail package. Imported only once a mail is to be sent: most deployments send none.

import { EmailClient } from "@azure/communication-email";
import type { TokenCredential } from "@azure/identity";
import { isLoopback } from "../settings/connections.ts";
import type { MailSettings } from "../settings/settings.ts";
import { type Mail, type MailResult, type SendMail, secondsOf } from "./mail.ts";

/** Milliseconds; of the whole call. */
const longest = 20_000;

/** A receiver on this machine has no identity to ask: like Azurite it takes anybody. Nothing else is reached with it. */
const localKey = { key: Buffer.from("a receiver on this machine").toString("base64") };

/** Errors before anything was sent: no address, nobody there, or no token. */
const beforeSending: ReadonlySet<string> = new Set(["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED"]);
const withoutToken =
  /^(?:CredentialUnavailableError|AuthenticationError|AggregateAuthenticationError|AuthenticationRequiredError)$/;

/** Later, as Azure says: too many mails at once, or for now. */
const later: ReadonlySet<number> = new Set([408, 425, 429]);

/** Sends by Azure Communication Services, as the app's identity. The package itself tries once: whether to try again is decided by whoever knows what that means. */
export function connectMail(
  { endpoint, sender }: MailSettings,
  credential: TokenCredential,
  options: object = {},
): SendMail {
  const isLocal = isLoopback(new URL(endpoint));
  const client = new EmailClient(endpoint, isLocal ? localKey : credential, {
    retryOptions: { maxRetries: 0 },
    allowInsecureConnection: isLocal,
    ...options,
  });
  return async ({ operationId, to, subject, text, html }: Mail): Promise<MailResult> => {
    let isTaken = false;
    let retryAfter: number | null = null;
    try {
      await client.beginSend(
        {
          senderAddress: sender,
          recipients: { to: to.map((address) => ({ address })) },
          content: { subject, plainText: text, html },
          disableUserEngagementTracking: true,
        },
        {
          operationId,
          abortSignal: AbortSignal.timeout(longest),
          onResponse: ({ status, headers }) => {
            isTaken ||= status === 202;
            retryAfter = secondsOf(headers.get("retry-after"));
          },
        },
      );
      return { kind: "taken" };
    } catch (error) {
      return isTaken ? { kind: "taken" } : resultOf(error, retryAfter);
    }
  };
}

function resultOf(error: unknown, retryAfter: number | null): MailResult {
  if (!(error instanceof Error)) return { kind: "uncertain" };
  const status = "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : null;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (withoutToken.test(error.name)) return { kind: "later", code: "NO_TOKEN", status: 0, retryAfter: null };
  if (beforeSending.has(code)) return { kind: "later", code, status: 0, retryAfter: null };
  // What a server says that failed may have been done all the same.
  if (status === null || status >= 500) return { kind: "uncertain" };
  if (later.has(status)) return { kind: "later", code: `HTTP_${status}`, status, retryAfter };
  return { kind: "refused", status };
}
