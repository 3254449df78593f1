import { z } from "zod";
import { refuse } from "./fields.ts";
import type { InsightsSettings, SharedKeyStorage } from "./settings.ts";

const loopback: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether a URL points to this machine. Only there may a connection be unencrypted. */
export const isLoopback = ({ hostname }: URL): boolean => loopback.has(hostname);

const isProtected = (url: URL): boolean => url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));

/** An origin alone: no path, no query, no user name. */
const isOrigin = (url: URL): boolean => url.href === `${url.origin}/`;

const withoutSlash = (url: URL): string => url.href.replace(/\/+$/, "");

/** The origin of a server on this machine. Any other host would receive the app's Graph token, so no other host is accepted. */
export const loopbackUrl = () =>
  z.string().transform((text, context): string => {
    const url = URL.parse(text);
    if (url === null || !isOrigin(url) || !/^https?:$/.test(url.protocol)) return refuse(context);
    return isLoopback(url) ? url.origin : refuse(context, "a URL of another host");
  });

/** Where Graph reaches the app: an https origin; without encryption only on this machine. The result has no slash at the end. */
export const publicUrl = () =>
  z.string().transform((text, context): string => {
    const url = URL.parse(text);
    return url !== null && isOrigin(url) && isProtected(url) ? url.origin : refuse(context);
  });

/** The host name that App Service gives the app, as its URL (App Service docs: environment variables); on this machine with a port. */
export const hostNameUrl = () =>
  z
    .string()
    .transform((name) => {
      const url = URL.parse(`http://${name}`);
      return url !== null && isLoopback(url) ? `http://${name}` : `https://${name}`;
    })
    .pipe(publicUrl());

/** A service of a storage account, by https and without a shared access signature; the result has no slash at the end. */
export const serviceUrl = () =>
  z.string().transform((text, context): string => {
    const url = URL.parse(text);
    const isPlain = url !== null && url.search === "" && url.hash === "" && url.username === "" && url.password === "";
    return isPlain && url.protocol === "https:" ? withoutSlash(url) : refuse(context);
  });

/** Where a webhook is sent: by https, or on this machine. No user name or password may be in it: those end up in logs. */
export const webhookUrl = () =>
  z.string().transform((text, context): string => {
    if (text.startsWith("@Microsoft.")) return refuse(context, unresolved);
    const url = URL.parse(text);
    if (url !== null && !isProtected(url)) return refuse(context, "a URL without https");
    return url !== null && url.username === "" && url.password === "" ? url.href : refuse(context);
  });

/** Azurite's well-known account on its default ports (Azure docs: Configure Azure Storage connection strings). */
const developmentStorage: SharedKeyStorage = {
  kind: "sharedKey",
  accountName: "devstoreaccount1",
  accountKey: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
  tableUrl: "http://127.0.0.1:10002/devstoreaccount1",
  queueUrl: "http://127.0.0.1:10001/devstoreaccount1",
};

/** A storage connection string with an account key. It is a secret: an error names the part that is wrong and never shows it. */
export const connectionString = () =>
  z.string().transform((text, context): SharedKeyStorage => {
    const parsed = parse(text);
    return typeof parsed === "string" ? refuse(context, withLength(parsed, text)) : parsed;
  });

const withLength = (problem: string, text: string): string => `${problem} (a value of ${text.length} characters)`;

/** The parsed connection string, or the problem with it. */
function parse(text: string): SharedKeyStorage | string {
  const parts = connectionParts(text);
  if (parts.get("usedevelopmentstorage")?.toLowerCase() === "true") return developmentStorage;
  if (parts.has("sharedaccesssignature")) return "a shared access signature, which the app does not support";
  const accountName = parts.get("accountname") ?? "";
  const accountKey = parts.get("accountkey") ?? "";
  if (!/^[a-z0-9]{3,24}$/.test(accountName)) return "no AccountName of 3 to 24 lower-case letters and digits";
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(accountKey) || accountKey.length % 4 !== 0) return "no AccountKey in base64";
  const urlOf = (service: "table" | "queue") => {
    const protocol = parts.get("defaultendpointsprotocol")?.toLowerCase() ?? "https";
    const suffix = parts.get("endpointsuffix") ?? "core.windows.net";
    return endpointUrl(parts.get(`${service}endpoint`) ?? `${protocol}://${accountName}.${service}.${suffix}`);
  };
  const [tableUrl, queueUrl] = [urlOf("table"), urlOf("queue")];
  if (tableUrl === null || queueUrl === null) return "an endpoint that is neither https nor on this machine";
  return { kind: "sharedKey", accountName, accountKey, tableUrl, queueUrl };
}

/** The endpoint without a slash at the end; null when it is unsafe or carries a signature. */
function endpointUrl(text: string): string | null {
  const url = URL.parse(text);
  return url !== null && url.search === "" && isProtected(url) ? withoutSlash(url) : null;
}

/** The global endpoint that a connection string without one means (Azure docs: Application Insights connection strings). */
const globalEndpoint = "https://dc.services.visualstudio.com";

/** An Application Insights connection string. Its key allows sending telemetry, so an error names the wrong part and never shows it. */
export const insightsConnection = () =>
  z.string().transform((text, context): Pick<InsightsSettings, "connectionString" | "localEndpoint"> => {
    const parts = connectionParts(text);
    if (!z.regexes.guid.test(parts.get("instrumentationkey") ?? "")) {
      return refuse(context, withLength("no InstrumentationKey that is a GUID", text));
    }
    const endpoint = URL.parse(parts.get("ingestionendpoint") ?? globalEndpoint);
    if (endpoint === null || !isProtected(endpoint)) {
      return refuse(context, withLength("an IngestionEndpoint that is neither https nor on this machine", text));
    }
    return { connectionString: text, localEndpoint: isLoopback(endpoint) ? endpoint.origin : null };
  });

/** `Authorization=AAD`, with `ClientId` for a user-assigned identity (Azure docs: App settings reference for Azure Functions). */
export const insightsAuthentication = () =>
  z.string().transform((text, context): NonNullable<InsightsSettings["identity"]> => {
    const parts = connectionParts(text);
    const clientId = parts.get("clientid");
    const isKnown = parts.get("authorization")?.toLowerCase() === "aad";
    return isKnown && (clientId === undefined || z.regexes.guid.test(clientId)) ? { clientId } : refuse(context);
  });

/** The parts of a connection string, `Name=value;Name=value`, by their names in lower case. */
const connectionParts = (text: string): ReadonlyMap<string, string> => new Map(text.split(";").map(partOf));

function partOf(part: string): [string, string] {
  const [name = "", ...value] = part.split("=");
  return [name.trim().toLowerCase(), value.join("=").trim()];
}

/** The least number of characters with which guessing a secret does not pay: `openssl rand -base64 32` gives 44. */
const minLength = 32;

/** The description of a Key Vault reference that was found instead of a secret. */
export const unresolved = "a reference that was not resolved";

/**
 * A secret that is long enough to derive keys from. A Key Vault reference that could not be resolved reaches the app as its own text
 * (App Service docs: Use Key Vault references): that text is long enough, but no secret.
 */
export const secret = () =>
  z
    .string()
    .min(minLength)
    .refine((text) => !text.startsWith("@Microsoft."), { params: { found: unresolved } });

/** A secret of a webhook as Standard Webhooks writes it; the result is its bytes. */
const oneWebhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/)
  .transform((text) => Buffer.from(text.slice("whsec_".length), "base64"))
  .refine((bytes) => bytes.length >= 24 && bytes.length <= 64);

/** One secret, or two during a rotation: then every message is signed with both, so that a receiver may know either. */
export const webhookSecret = () =>
  z
    .string()
    .refine((text) => !text.startsWith("@Microsoft."), { params: { found: unresolved }, abort: true })
    .transform((text, context): readonly Uint8Array[] => {
      const parsed = z.array(oneWebhookSecret).min(1).max(2).safeParse(text.split(/\s+/));
      return parsed.success ? parsed.data : refuse(context);
    });
