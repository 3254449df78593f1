// The only file that imports the mail package. It is itself imported only when a mail is to be sent: most deployments send none.

import { EmailClient } from "@azure/communication-email";
import type { TokenCredential } from "@azure/identity";
import { isLoopback } from "../settings/connections.ts";
import type { MailSettings } from "../settings/settings.ts";
import { type Mail, type MailResult, type SendMail, secondsOf } from "./mail.ts";

/** Milliseconds for the whole call. */
const longest = 20_000;

/** The key for a receiver on this machine, which accepts any key, as Azurite does. No other address gets it. */
const localKey = { key: Buffer.from("a receiver on this machine").toString("base64") };

/** Errors before anything was sent: the host name has no address, or the host refuses the connection. */
const beforeSending: ReadonlySet<string> = new Set(["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED"]);
const withoutToken =
  /^(?:CredentialUnavailableError|AuthenticationError|AggregateAuthenticationError|AuthenticationRequiredError)$/;

/** Statuses after which a later try may succeed: time-out, too early, too many mails. */
const later: ReadonlySet<number> = new Set([408, 425, 429]);

/** Sends by Azure Communication Services, with the app's identity. The package tries only once: the caller decides about another try, since a mail may then come twice. */
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
  // After a 5xx the mail may have been sent all the same.
  if (status === null || status >= 500) return { kind: "uncertain" };
  if (later.has(status)) return { kind: "later", code: `HTTP_${status}`, status, retryAfter };
  return { kind: "refused", status };
}
