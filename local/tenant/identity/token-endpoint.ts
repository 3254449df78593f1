import { ownsItsSessions } from "../directory/users.ts";
import { type Answer, ok } from "../http/answer.ts";
import type { Call } from "../http/call.ts";
import { isoSeconds } from "../iso-time.ts";
import type { Tenant } from "../tenant.ts";
import type { RefreshToken } from "./refresh-tokens.ts";
import { issueUserTokens } from "./user-tokens.ts";

/** `POST /{tenant}/oauth2/v2.0/token` with `grant_type=refresh_token`: the moment at which a revoked session ends. */
export async function answerTokenRequest(tenant: Tenant, call: Call): Promise<Answer> {
  const form = new URLSearchParams(call.text);
  if (form.get("grant_type") !== "refresh_token") {
    return refuse(tenant, "unsupported_grant_type", 70003, "Only grant_type=refresh_token is simulated.");
  }
  const token = tenant.refreshTokens.get(form.get("refresh_token") ?? "");
  if (token === undefined)
    return refuse(tenant, "invalid_grant", 9002313, "The refresh token is malformed or unknown.");
  const { userId, client, cae } = token;
  const problem = problemOf(tenant, token);
  if (problem !== null) {
    tenant.history.record({ event: "refreshRefused", userId, client, cae, error: `AADSTS${problem.code}` });
    return refuse(tenant, "invalid_grant", problem.code, problem.message);
  }
  const issued = await issueUserTokens(tenant, token, "refresh");
  return ok({
    token_type: "Bearer",
    expires_in: issued.expiresIn,
    access_token: issued.accessToken,
    refresh_token: issued.refreshToken,
  });
}

/** Codes of Entra docs: reference-error-codes. */
function problemOf(tenant: Tenant, token: RefreshToken): { code: number; message: string } | null {
  const user = tenant.users.primary.get(token.userId);
  if (user === undefined) return { code: 50034, message: "The user account does not exist in the directory." };
  if (!user.accountEnabled) return { code: 50057, message: "The user account is disabled." };
  if (ownsItsSessions(user) && token.issuedAt < user.validFrom) {
    const dates = `issued on ${isoSeconds(token.issuedAt * 1000)}, TokensValidFrom is ${isoSeconds(user.validFrom * 1000)}`;
    return {
      code: 50173,
      message: `The grant has expired because it was revoked; a fresh sign-in is needed: ${dates}.`,
    };
  }
  return null;
}

function refuse(tenant: Tenant, error: string, code: number, message: string): Answer {
  const body = {
    error,
    error_description: `AADSTS${code}: ${message}`,
    error_codes: [code],
    timestamp: isoSeconds(tenant.clock.now()),
    trace_id: tenant.random.guid(),
    correlation_id: tenant.random.guid(),
  };
  return { status: 400, headers: {}, body };
}
