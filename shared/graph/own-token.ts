import type { TokenCredential } from "@azure/identity";
import { type AuthenticationProvider, GraphClientError, type Middleware } from "@microsoft/microsoft-graph-client";
import { z } from "zod";
import { GraphPermanentError, NoAnswerError } from "./errors.ts";
import { guid } from "./instants-and-ids.ts";

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * The only origin to which the app's token may be sent.
 * @throws GraphPermanentError `insecureBaseUrl` for anything but https, except on this machine
 */
export function trustedOrigin(baseUrl: string): string {
  const url = URL.parse(baseUrl);
  if (url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname))) return url.origin;
  throw new GraphPermanentError("The base URL of Microsoft Graph must be https, e.g. https://graph.microsoft.com.", {
    code: "insecureBaseUrl",
  });
}

/**
 * First middleware of the SDK's chain: sets the token, but only for the configured origin. (The SDK's own AuthenticationHandler instead
 * allows Microsoft's hosts, and refuses http even on this machine.)
 */
export function authorise(provider: AuthenticationProvider, origin: string): Middleware {
  let next: Middleware | undefined;
  return {
    setNext(middleware) {
      next = middleware;
    },
    async execute(context) {
      if (URL.parse(String(context.request))?.origin !== origin) throw throughSdk(foreignOrigin());
      const token = await acquireToken(provider, context.options?.signal);
      const headers = new Headers(context.options?.headers);
      headers.set("Authorization", `Bearer ${token}`);
      context.options = { ...context.options, headers };
      await next?.execute(context);
    },
  };
}

/** Gets the token within the time-out of the try. Without a token nothing is sent. */
async function acquireToken(provider: AuthenticationProvider, signal: AbortSignal | null | undefined): Promise<string> {
  try {
    return await Promise.race([provider.getAccessToken(), ...(signal ? [rejectOnAbort(signal)] : [])]);
  } catch (cause) {
    throw throughSdk(new NoAnswerError("tokenUnavailable", false, cause));
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** The error for a link to another host. A request to that host would hand it the app's token, and with it power over every administrator's sessions. */
export const foreignOrigin = (): GraphPermanentError =>
  new GraphPermanentError("A link in Graph's answer leads away from Microsoft Graph. It was not followed.", {
    code: "foreignLink",
  });

const claims = z.object({ tid: guid });
const roles = z.object({ roles: z.array(z.string()) });

/**
 * The tenant of the app's own access token: a managed identity has no other way to learn its tenant. Null when the token does not name it.
 * @throws what the credential throws
 */
export async function ownTenant(credential: TokenCredential, scope: string): Promise<string | null> {
  return claims.safeParse(await readPayload(credential, scope)).data?.tid ?? null;
}

/** The application permissions in the app's own access token; none when the token does not list them. @throws what the credential throws */
export async function ownPermissions(credential: TokenCredential, scope: string): Promise<readonly string[]> {
  return roles.safeParse(await readPayload(credential, scope)).data?.roles ?? [];
}

async function readPayload(credential: TokenCredential, scope: string): Promise<unknown> {
  const token = (await credential.getToken(scope))?.token ?? "";
  const [, payload = ""] = token.split(".");
  try {
    return JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  } catch {
    // A token in another format works as well, but its claims cannot be read.
    return null;
  }
}

/** Wraps an error so that the SDK passes it on. The SDK replaces every other error by one of its own without a cause. */
export function throughSdk(error: Error): GraphClientError {
  const wrapped = new GraphClientError(error.message);
  wrapped.customError = error;
  return wrapped;
}

/** The error that `throughSdk` wrapped; any other error unchanged. */
export function fromSdk(error: unknown): unknown {
  return error instanceof GraphClientError && error.customError instanceof Error ? error.customError : error;
}
