import { z } from "zod";
import type { InsightsSettings, SharedKeyStorage } from "./settings.ts";

const loopback: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether a URL stays on this machine: only there may anything travel unencrypted. */
export const isLoopback = ({ hostname }: URL): boolean => loopback.has(hostname);

/** The origin of a server on this machine. Any other host would be handed the app's Graph token, so there is no way to name one. */
export const loopbackUrl = () =>
  z.string().transform((text, context): string => {
    const url = URL.parse(text);
    const plain = url !== null && url.href === `${url.origin}/` && /^https?:$/.test(url.protocol);
    if (plain && isLoopback(url)) return url.origin;
    context.addIssue({ code: "custom", params: plain ? { found: "a URL of another host" } : {} });
    return z.NEVER;
  });

/** Where Graph reaches the app: an https origin; without encryption only on this machine. The result has no slash at the end. */
export const publicUrl = () =>
  z.string().transform((text, context): string => {
    const url = URL.parse(text);
    const plain = url !== null && url.href === `${url.origin}/` && url.username === "";
    if (plain && (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url)))) return url.origin;
    context.addIssue({ code: "custom" });
    return z.NEVER;
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
    const plain = url !== null && url.search === "" && url.hash === "" && url.username === "" && url.password === "";
    if (plain && url.protocol === "https:") return url.href.replace(/\/+$/, "");
    context.addIssue({ code: "custom" });
    return z.NEVER;
  });

/** Where a webhook is sent: by https, or on this machine. Without a user name or password in it: those end up in logs. */
export const webhookUrl = () =>
  z.string().transform((text, context): string => {
    const url = URL.parse(text);
    const secure = url !== null && (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url)));
    if (secure && url.username === "" && url.password === "") return url.href;
    context.addIssue({ code: "custom", params: url !== null && !secure ? { found: "a URL without https" } : {} });
    return z.NEVER;
  });

/** Azurite's well-known account on its default ports (Azure docs: Configure Azure Storage connection strings). */
const developmentStorage: SharedKeyStorage = {
  kind: "sharedKey",
  accountName: "devstoreaccount1",
  accountKey: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
  tableUrl: "http://127.0.0.1:10002/devstoreaccount1",
  queueUrl: "http://127.0.0.1:10001/devstoreaccount1",
};

/** A storage connection string with an account key. It is a secret: problems name the part that is wrong and never show it. */
export const connectionString = () =>
  z.string().transform((text, context): SharedKeyStorage => {
    const parsed = parse(text);
    if (typeof parsed !== "string") return parsed;
    context.addIssue({ code: "custom", params: { found: `${parsed} (a value of ${text.length} characters)` } });
    return z.NEVER;
  });

/** The parsed connection string, or what is wrong with it. */
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
    return checkedUrl(parts.get(`${service}endpoint`) ?? `${protocol}://${accountName}.${service}.${suffix}`);
  };
  const [tableUrl, queueUrl] = [urlOf("table"), urlOf("queue")];
  if (tableUrl === undefined || queueUrl === undefined) return "an endpoint that is neither https nor on this machine";
  return { kind: "sharedKey", accountName, accountKey, tableUrl, queueUrl };
}

function checkedUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || url.search !== "") return undefined;
  const safe = url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
  return safe ? url.href.replace(/\/+$/, "") : undefined;
}

const guidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The global endpoint that a connection string without one means (Azure docs: Application Insights connection strings). */
const globalEndpoint = "https://dc.services.visualstudio.com";

/** An Application Insights connection string. Whoever has it can send; problems name the part that is wrong and never show it. */
export const insightsConnection = () =>
  z.string().transform((text, context): Pick<InsightsSettings, "connectionString" | "localEndpoint"> => {
    const parts = connectionParts(text);
    const endpoint = URL.parse(parts.get("ingestionendpoint") ?? globalEndpoint);
    const problem = problemOf(parts.get("instrumentationkey") ?? "", endpoint);
    const local = endpoint !== null && isLoopback(endpoint) ? endpoint.origin : null;
    if (problem === null) return { connectionString: text, localEndpoint: local };
    context.addIssue({ code: "custom", params: { found: `${problem} (a value of ${text.length} characters)` } });
    return z.NEVER;
  });

function problemOf(key: string, endpoint: URL | null): string | null {
  if (!guidForm.test(key)) return "no InstrumentationKey that is a GUID";
  const safe = endpoint?.protocol === "https:" || (endpoint?.protocol === "http:" && isLoopback(endpoint));
  return safe ? null : "an IngestionEndpoint that is neither https nor on this machine";
}

/** `Authorization=AAD`, with `ClientId` for a user-assigned identity (Azure docs: App settings reference for Azure Functions). */
export const insightsAuthentication = () =>
  z.string().transform((text, context): NonNullable<InsightsSettings["identity"]> => {
    const parts = connectionParts(text);
    const clientId = parts.get("clientid");
    const known = parts.get("authorization")?.toLowerCase() === "aad";
    if (known && (clientId === undefined || guidForm.test(clientId))) return { clientId };
    context.addIssue({ code: "custom" });
    return z.NEVER;
  });

/** The parts of a connection string, `Name=value;Name=value`, by their names in lower case. */
export const connectionParts = (text: string): ReadonlyMap<string, string> => new Map(text.split(";").map(partOf));

function partOf(part: string): [string, string] {
  const [name = "", ...value] = part.split("=");
  return [name.trim().toLowerCase(), value.join("=").trim()];
}
