import type { OperatorSettings } from "../settings/settings.ts";
import type { CountByMinute } from "../telemetry/telemetry.ts";
import {
  type AppRole,
  mayDo,
  type Operator,
  type Proof,
  readClientPrincipal,
  type Unproven,
  type VerifyToken,
} from "./prove-caller.ts";

type Access =
  | { readonly allowed: true; readonly operator: Operator }
  | { readonly allowed: false; readonly refusal: Refusal };

/** The answer to a refused caller: a stable code, and what to do. */
export interface Refusal {
  readonly status: 401 | 403 | 503;
  readonly error: "NO_OPERATORS" | "CROSS_SITE" | "MISSING_ROLE" | Unproven;
  readonly problems: readonly string[];
}

/** Decides whether a caller has the app role that an action needs. */
export type Authorize = (request: CallerRequest, needed: AppRole) => Promise<Access>;

/** The rules by which operators are recognized. */
interface OperatorRules extends OperatorSettings {
  readonly verifyToken: VerifyToken;
}

/**
 * The only gate of every endpoint that acts or shows data about people. The function key in front of it keeps strangers out but does not identify
 * the caller; this gate does.
 * @param rules null: every caller is refused
 */
export const createAuthorize =
  (rules: OperatorRules | null, strangers: CountByMinute): Authorize =>
  async (request, needed) => {
    const access = await judge(rules, request, needed);
    if (!access.allowed) strangers.event("operatorRefused", { code: access.refusal.error, needed });
    return access;
  };

async function judge(rules: OperatorRules | null, request: CallerRequest, needed: AppRole): Promise<Access> {
  if (rules === null) return refuse(403, "NO_OPERATORS", notConfigured);
  if (!isSameSite(request)) return refuse(403, "CROSS_SITE", crossSite);
  const proof = await prove(request, rules);
  if (!proof.proven) {
    return refuse(proof.because === "KEYS_UNAVAILABLE" ? 503 : 401, proof.because, advice[proof.because]);
  }
  if (mayDo(proof.operator, needed)) return { allowed: true, operator: proof.operator };
  return refuse(403, "MISSING_ROLE", `This needs the app role ${needed}, given in Entra: docs/deploy.md, Operators.`);
}

/** A bearer token takes precedence, since it can be verified without trusting the platform's header. */
async function prove({ headers }: CallerRequest, rules: OperatorRules): Promise<Proof> {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const [, token] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization) ?? [];
    return token === undefined ? { proven: false, because: "BAD_TOKEN" } : rules.verifyToken(token);
  }
  const principal = rules.appServiceAuthentication ? headers.get("x-ms-client-principal") : null;
  return principal === null ? { proven: false, because: "NO_TOKEN" } : readClientPrincipal(principal, rules);
}

const notConfigured =
  "Nobody is an operator yet: set OPERATORS_AUDIENCE and AZURE_TENANT_ID (docs/deploy.md, Operators). Until then CUTOFF_STOP=true stops, and " +
  "GET /api/health shows what is wrong.";

const crossSite = "Orders are JSON (content-type: application/json) and come from no other site.";

const advice: Readonly<Record<Unproven, string>> = {
  NO_TOKEN:
    "Send an access token of an operator (Authorization: Bearer ...), or sign in where App Service authentication is on: docs/deploy.md, Operators.",
  BAD_TOKEN:
    "This is no valid v2.0 access token of this tenant for OPERATORS_AUDIENCE. An ID token is none. An automation's token must have the claim idtyp: " +
    "infra/operators/create.sh adds it to the app registration.",
  KEYS_UNAVAILABLE: "The tenant's keys cannot be read now. Try again in a minute; CUTOFF_STOP=true stops without them.",
};

const refuse = (status: Refusal["status"], error: Refusal["error"], problem: string): Access => ({
  allowed: false,
  refusal: { status, error, problems: [problem] },
});

/** The parts of an HTTP request that show the caller and the origin. */
export interface CallerRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
}

/**
 * Whether a request comes from the app's own site: another site must not make an operator's browser act. A page of another site can neither send
 * JSON without a preflight (Fetch standard: CORS-safelisted content types) nor hide the origin of the request. Pure.
 */
function isSameSite({ method, url, headers }: CallerRequest): boolean {
  if (method === "GET" || method === "HEAD") return true;
  const [type = ""] = (headers.get("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/json") return false;
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" || site === "none";
  const origin = headers.get("origin");
  return origin === null || hostOf(origin) === hostOf(url);
}

const hostOf = (url: string): string | null => URL.parse(url)?.host ?? null;
