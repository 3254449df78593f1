import type { Answer } from "../http/answer.ts";
import type { Call } from "../http/call.ts";
import { isoMilliseconds } from "../iso-time.ts";
import type { Tenant } from "../tenant.ts";

/** Thrown by an endpoint that says no; becomes an answer in Graph's error shape. */
export class GraphRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "GraphRefusal";
    this.status = status;
    this.code = code;
  }
}

export function badRequest(message: string): GraphRefusal {
  return new GraphRefusal(400, "BadRequest", message);
}

export function denied(): GraphRefusal {
  return new GraphRefusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
}

export function notFound(id: string): GraphRefusal {
  return new GraphRefusal(
    404,
    "Request_ResourceNotFound",
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

/** What an old `$skiptoken` has been seen to answer (issue: msgraph-sdk-dotnet#2254); no document says when one expires. */
export function expiredPageToken(): GraphRefusal {
  return new GraphRefusal(
    400,
    "Directory_ExpiredPageToken",
    "The specified page token value has expired and can no longer be included in your request.",
  );
}

/** The code is from practitioners' reports; no document names it. */
export function unlicensed(): GraphRefusal {
  return new GraphRefusal(
    400,
    "AadPremiumLicenseRequired",
    "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
  );
}

/** What the audit log has been seen to answer without a licence; no document names the code. */
export function nonPremium(): GraphRefusal {
  return new GraphRefusal(
    403,
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Neither tenant is B2C or tenant doesn't have premium license",
  );
}

/** An answer with the error body of Graph docs: errors. */
export function graphError(tenant: Tenant, call: Call, status: number, code: string, message: string): Answer {
  const requestId = tenant.random.guid();
  const innerError = {
    date: isoMilliseconds(tenant.clock.now()).slice(0, 19),
    "request-id": requestId,
    "client-request-id": call.headers["client-request-id"] ?? requestId,
  };
  return { status, headers: { "request-id": requestId }, body: { error: { code, message, innerError } } };
}
